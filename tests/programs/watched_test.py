#!/usr/bin/env python3
"""A watched folder: bills dropped into it are taken in, once, by whichever process, on SQLite and on PostgreSQL."""
import gzip
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from programs import SECONDS, ProgramTest
from servers import POSTGRES, Postgres

HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"


def bill(cost, days=28, month="2025-01", lines=1):
    return HEADER + "".join(f"EC2,{cost},{cost},USD,Usage,{month}-{day:02} 00:00:00,AWS\n" * lines for day in range(1, days + 1))


class Watched:
    """Each test is run on both databases."""

    database = None

    def setUp(self):
        super().setUp()
        self.bills = self.folder / "bills"
        (self.bills / "acme").mkdir(parents=True)

    def start(self, *options):
        return self.start_agent("--watch", self.bills, "--watch-interval", "1", "--job-lease", "1", *options,
                                database=self.database)

    def drop(self, name, text, customer="acme"):
        path = self.bills / customer / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def total(self, agent, customer="acme", query=""):
        try:
            entries = json.loads(agent.get(f"/costs?customer_id={customer}&start_date=2025-01-01&end_date=2025-12-31{query}"))
        except urllib.error.HTTPError as none:
            if none.code == 404:
                return None
            if none.code == 503:
                return "away"
            raise
        return entries["total"][0]["billed_cost"] if entries["total"] else None

    def files(self, agent):
        return json.loads(agent.get("/health/detailed"))["parts"]["watched_folder"]["files"]

    def jobs(self, agent, state):
        return [job for job in json.loads(agent.get(f"/jobs?state={state}&limit=50"))["jobs"] if job["kind"] == "watch"]

    def until(self, holds, what=lambda: ""):
        deadline = time.monotonic() + SECONDS
        while not holds():
            self.assertLess(time.monotonic(), deadline, what())
            time.sleep(0.05)

    def until_total(self, agent, wanted, **of):
        self.until(lambda: self.total(agent, **of) == wanted, lambda: f"{self.total(agent, **of)}, not {wanted}")

    def scans(self, agent):
        text = agent.get("/metrics")
        return int(float(text.split("\nwatched_scans_total ")[1].split()[0]))

    def until_looked_again(self, agent):
        """Two more looks: what was new in the first is taken in after the second."""
        before = self.scans(agent)
        self.until(lambda: self.scans(agent) >= before + 3)
        self.until(lambda: not self.jobs(agent, "queued") and not self.jobs(agent, "running"))

    def test_bills_are_taken_in_replaced_and_told(self):
        agent = self.start()
        self.drop("2025-01.csv", bill(1))
        self.drop("2025-02.csv.gz", gzip.compress(bill(2, month="2025-02").encode()))
        self.drop("january.csv", bill(5), customer="globex")
        self.until_total(agent, "84")
        self.until_total(agent, "140", customer="globex")
        self.drop("2025-01.csv", bill(3))  # restated
        self.until_total(agent, "140")
        self.drop("2025-02-restated.csv", bill(1, month="2025-02"))  # beside the older one, which stays
        self.until_total(agent, "112")
        self.until_looked_again(agent)
        self.assertEqual(self.total(agent), "112", "the older file has come back")
        self.drop("notes.txt", "no bill")
        self.until(lambda: self.files(agent)["failed"] == 1)
        self.assertEqual(self.files(agent), {"fresh": 0, "still": 0, "taken": 4, "passed": 0, "failed": 1, "gone": 0})
        health = json.loads(agent.get("/health/detailed"))
        self.assertEqual(health["parts"]["watched_folder"]["status"], "ok")
        self.assertIn("watch_folder", [task["task"] for task in health["tasks"]])
        done = self.jobs(agent, "done")
        self.assertEqual({job["customer_id"] for job in done}, {"acme", "globex"}, done)
        metrics = agent.get("/metrics")
        for line in ("watched_files_seen_total 6\n", "watched_files_taken_total 5\n", "watched_files_failed_total 1\n",
                     "watched_last_scan_timestamp_seconds 1"):
            self.assertIn(line, metrics)

    def test_parts_of_an_export_are_one_bill(self):
        agent = self.start()
        self.drop("2025-01/part-0001.csv", bill(1))
        self.drop("2025-01/part-0002.csv", bill(10))
        self.until_total(agent, "308")
        self.drop("2025-01/part-0002.csv", bill(20))
        self.until_total(agent, "588")
        self.drop("2025-01/part-0003.csv", bill(100))
        self.until_total(agent, "3388")
        self.drop("2025-02/part-0001.csv", bill(1, month="2025-02"))
        self.until_total(agent, "3416")

    def test_what_is_hidden_linked_or_unfinished_stays_out(self):
        agent = self.start()
        secret = self.write("secret.csv", bill(7))
        os.symlink(secret, self.bills / "acme" / "linked.csv")
        self.drop(".january.csv.Xy12", bill(9))
        self.drop("january.csv.part", bill(1))
        self.until_looked_again(agent)
        self.assertIsNone(self.total(agent))
        os.rename(self.bills / "acme" / "january.csv.part", self.bills / "acme" / "january.csv")
        self.until_total(agent, "28")
        self.until_looked_again(agent)
        self.assertEqual(self.total(agent), "28")

    def grow(self, agent, customer):
        """Writes a line of a bill between any two looks at it.

        False if this machine was too busy for that: what rests for two looks counts as whole.
        """
        rest = bill(1)[len(HEADER):].splitlines(keepends=True)
        self.drop("january.csv", HEADER, customer)
        with open(self.bills / customer / "january.csv", "a", encoding="utf-8") as growing:
            looks = self.scans(agent)
            for _ in range(4):
                growing.write(rest.pop(0))
                growing.flush()
                self.until(lambda seen=looks: self.scans(agent) > seen)
                taken = self.total(agent, customer)
                looks, before = self.scans(agent), looks
                if looks > before + 1:
                    return False
                self.assertIsNone(taken, "a file that grew was taken in")
            growing.writelines(rest)
        return True

    def test_a_file_that_grows_waits(self):
        agent = self.start()
        customer = next((name for name in (f"try-{number}" for number in range(20)) if self.grow(agent, name)), None)
        self.assertIsNotNone(customer, "this machine is too busy to write a line a second")
        self.until_total(agent, "28", customer=customer)

    def test_nothing_is_taken_in_twice_by_an_agent_that_is_started_anew(self):
        agent = self.start()
        self.drop("2025-01.csv", bill(1))
        self.drop("2025-01-restated.csv", bill(2))
        self.until_total(agent, "56")
        self.until(lambda: self.files(agent)["taken"] == 2)
        jobs = len(self.jobs(agent, "done"))
        self.assertEqual(agent.stop(), 0)
        agent = self.start()
        self.until_looked_again(agent)
        self.assertEqual(self.total(agent), "56")
        self.assertEqual(len(self.jobs(agent, "done")), jobs)

    def test_an_agent_that_is_killed_while_it_takes_in_goes_on(self):
        agent = self.start()
        self.drop("large.csv", bill(1, lines=20_000))
        self.drop("february.csv", bill(1, month="2025-02"))
        self.until(lambda: self.jobs(agent, "running"))
        agent.stop(signal.SIGKILL)
        agent = self.start()
        self.until_total(agent, str(28 * 20_001))
        self.until_looked_again(agent)
        self.assertEqual(self.total(agent), str(28 * 20_001))
        self.assertEqual(self.files(agent)["taken"], 2)

    def test_of_two_workers_one_looks_and_each_takes_in_once(self):
        agent = self.start("--workers", "2")
        for number in range(6):
            self.drop("2025-01.csv", bill(number + 1), customer=f"customer-{number}")
        for number in range(6):
            self.until_total(agent, str(28 * (number + 1)), customer=f"customer-{number}")
        self.until(lambda: self.files(agent)["taken"] == 6)
        self.until(lambda: len(self.jobs(agent, "done")) == 6, lambda: self.jobs(agent, "done"))
        self.assertEqual(sum(job["result"]["charges"] for job in self.jobs(agent, "done")), 6 * 28)

    def test_a_cancelled_job_is_not_begun_again(self):
        agent = self.start()
        self.drop("large.csv", bill(1, lines=20_000))
        self.until(lambda: self.jobs(agent, "running"))
        job = self.jobs(agent, "running")[0]["job_id"]
        request = urllib.request.Request(f"{agent.url}/jobs/{job}/cancel", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=SECONDS):
            pass
        self.until(lambda: self.files(agent)["failed"] == 1)
        self.until_looked_again(agent)
        self.assertIsNone(self.total(agent))


class OnSqlite(Watched, ProgramTest):
    pass


@unittest.skipUnless((POSTGRES / "postgres").exists(), "Debian's package postgresql-15 is not installed")
class OnPostgres(Watched, ProgramTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="watched-postgres-")
        cls.addClassCleanup(folder.cleanup)
        cls.server = Postgres(pathlib.Path(folder.name))
        cls.addClassCleanup(cls.server.kill)

    def setUp(self):
        super().setUp()
        subprocess.run(["psql", "-X", "-q", self.server.url, "-c", "SET client_min_messages = warning",
                        "-c", "DROP SCHEMA IF EXISTS costagent CASCADE"], check=True)
        self.database = self.server.url

    def test_a_database_that_is_away_for_a_while_costs_nothing(self):
        agent = self.start()
        self.drop("2025-01.csv", bill(1))
        self.until_total(agent, "28")
        self.server.kill()
        self.drop("2025-01.csv", bill(2))
        self.server.start()
        self.until_total(agent, "56")


if __name__ == "__main__":
    unittest.main()
