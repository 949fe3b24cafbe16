#!/usr/bin/env python3
"""Whether bills stay exact when processes are killed: the agent's workers, `costagent ingest`, PostgreSQL and Redis.

    faults_test.py [--rounds 5] [--seed 1] [--database sqlite|postgres] [--redis]

Each round takes bills in by the command and as jobs, asks for totals meanwhile, kills one of the processes with SIGKILL at a random
moment, and starts again what isn't the agent's to start (a database, a Redis). Every total that is ever answered must be that of a whole
version of a month; in the end no charge may be lost and none counted twice, and every job must have ended. The seed is told with a failure.
"""
import argparse
import contextlib
import decimal
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from programs import BIN
from servers import POSTGRES, REDIS, Postgres, Redis, children

HEADER = ("ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,ProviderName,"
          "BillingAccountId,ResourceId\n")
CUSTOMERS = ["acme", "globex"]
MONTHS = ["2025-01", "2025-02"]
DAYS = 28
LINES = 4000
PATIENCE_S = 120  # until everything must be right again; the agent's own time-outs are below half of that


class Bills:
    """Versions of every customer's months, with their exact sums."""

    def __init__(self, folder, chance):
        self.folder, self.chance = folder, chance
        self.versions = {(customer, month): [] for customer in CUSTOMERS for month in MONTHS}  # (path, sum, lines)

    def write(self, customer, month):
        lines, total = [HEADER], decimal.Decimal(0)
        count = LINES + self.chance.randrange(LINES)
        for i in range(count):
            cost = decimal.Decimal(self.chance.randrange(1, 10**12)).scaleb(-11)
            total += cost
            lines.append(f"S{i % 7},{cost},{cost},USD,Usage,{month}-{i % DAYS + 1:02},{month}-01,AWS,one,r{i % 300}\n")
        path = self.folder / f"{customer}-{month}-{len(self.versions[customer, month])}.csv"
        path.write_text("".join(lines), encoding="ascii")
        self.versions[customer, month].append((path, total, count))
        return path

    def totals(self, customer, month):
        return {total for _, total, _ in self.versions[customer, month]} | {None}


class Agent:
    def __init__(self, arguments, log):
        self.process = subprocess.Popen([BIN / "costagent", "serve", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                        stderr=log, text=True)
        said = self.process.stdout.readline()
        if "listening on" not in said:
            raise RuntimeError(f"the agent does not serve: {said}")
        self.url = said.split()[-1]

    def ask(self, path, body=None, seconds=30):
        """The status and the answer; None where there was none, as when a worker is killed."""
        request = urllib.request.Request(self.url + path, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            return None, None

    def workers(self):
        return children(self.process.pid)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Faults:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.chance = random.Random(options.seed)
        self.root = folder / "bills"
        self.root.mkdir()
        self.bills = Bills(self.root, self.chance)
        self.postgres = Postgres(folder) if options.database == "postgres" else None
        self.redis = Redis(folder) if options.redis else None
        self.database = self.postgres.url if self.postgres else f"sqlite:{folder / 'costs.db'}"
        arguments = ["--database", self.database, "--collect-root", str(self.root), "--workers", "2"]
        if self.redis:
            arguments += ["--queue", self.redis.url, "--cache", self.redis.url]
        self.log = open(folder / "agent.log", "w", encoding="utf-8")
        self.agent = Agent(arguments, self.log)
        self.wrong, self.jobs, self.killed = [], [], []

    def close(self):
        self.agent.close()
        self.log.close()
        for server in (self.postgres, self.redis):
            if server:
                server.kill()

    def total(self, customer, month):
        status, answer = self.agent.ask(f"/costs?customer_id={customer}&start_date={month}-01&end_date={month}-{DAYS}")
        if status == 404:
            return True, None
        if status != 200:
            return False, None
        return True, decimal.Decimal(answer["total"][0]["billed_cost"]) if answer["total"] else None

    def watch(self, stop):
        """Asks for totals all the while: each must be that of a whole version."""
        while not stop.is_set():
            customer, month = self.chance_of_watch.choice(CUSTOMERS), self.chance_of_watch.choice(MONTHS)
            known, total = self.total(customer, month)
            if known and total not in self.bills.totals(customer, month):
                self.wrong.append(f"{customer} {month}: {total} is no version's total")

    def ingest(self, path, customer):
        return subprocess.Popen([BIN / "costagent", "ingest", "--json", "--database", self.database, "--customer", customer, path],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def round(self, number):
        self.chance_of_watch = random.Random(self.chance.random())
        stop = threading.Event()
        watcher = threading.Thread(target=self.watch, args=(stop,))
        by_command, by_job = self.chance.sample([(customer, month) for customer in CUSTOMERS for month in MONTHS], 2)
        command_bill = self.bills.write(*by_command)
        job_bill = self.bills.write(*by_job)
        watcher.start()
        status, job = self.agent.ask("/collect/focus", {"customer_id": by_job[0], "file": job_bill.name})
        if status == 202:
            self.jobs.append(job["job_id"])
        command = self.ingest(command_bill, by_command[0])
        time.sleep(self.chance.uniform(0, 0.4))
        self.kill_something(command)
        command.wait(PATIENCE_S)
        # What a person would do about a command that was killed, or a request that got no answer: the same again.
        self.again_until_done(by_command, command_bill)
        if status != 202:
            self.again_until_done(by_job, job_bill)
        self.await_jobs()
        self.check(number)
        stop.set()
        watcher.join()

    def kill_something(self, command):
        victims = ["worker", "command"] + ["postgres"] * bool(self.postgres) + ["redis"] * bool(self.redis)
        victim = self.chance.choice(victims)
        self.killed.append(victim)
        if victim == "worker":
            workers = self.agent.workers()
            if workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.chance.choice(workers), signal.SIGKILL)
        elif victim == "command":
            command.kill()
        else:
            server = getattr(self, victim)
            server.kill()
            time.sleep(self.chance.uniform(0, 0.5))
            server.start()

    def again_until_done(self, of, path):
        end = time.monotonic() + PATIENCE_S
        while self.ingest(path, of[0]).wait(PATIENCE_S):
            if time.monotonic() > end:
                raise AssertionError(f"{path.name} can't be taken in again")
            time.sleep(0.5)

    def await_jobs(self):
        end = time.monotonic() + PATIENCE_S
        for job in self.jobs:
            while True:
                status, answer = self.agent.ask(f"/jobs/{job}")
                if status == 200 and answer["status"] == "done":
                    break
                if status == 200 and answer["status"] == "failed":
                    raise AssertionError(f"job {job} failed: {answer.get('error')}")
                if time.monotonic() > end:
                    raise AssertionError(f"job {job} has not ended: {status} {answer}")
                time.sleep(0.2)
        self.jobs = []

    def check(self, number):
        for (customer, month), versions in self.bills.versions.items():
            expected = versions[-1][1] if versions else None
            end = time.monotonic() + PATIENCE_S
            known, total = self.total(customer, month)
            while not known and time.monotonic() < end:
                time.sleep(0.2)
                known, total = self.total(customer, month)
            if total != expected:
                self.wrong.append(f"round {number}: {customer} {month} has {total}, and its newest bill {expected}")
        if self.wrong:
            raise AssertionError("\n".join(self.wrong))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--redis", action="store_true")
    options = parser.parse_args()
    if (options.database == "postgres" and not (POSTGRES / "postgres").exists()) or (options.redis and not REDIS.exists()):
        print("PostgreSQL or Redis is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="faults ") as name:
        faults = Faults(options, pathlib.Path(name))
        number = 0
        try:
            for number in range(1, options.rounds + 1):
                faults.round(number)
        except BaseException:
            print(f"seed {options.seed}, round {number}, killed {faults.killed}")
            print((faults.folder / "agent.log").read_text(encoding="utf-8")[-3000:])
            raise
        finally:
            faults.close()
    print(f"{options.rounds} rounds: killed " + ", ".join(f"{faults.killed.count(victim)} × {victim}" for victim in sorted(set(faults.killed))))


if __name__ == "__main__":
    main()
