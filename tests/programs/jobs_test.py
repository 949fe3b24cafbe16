#!/usr/bin/env python3
"""costagent's job queue across processes: one that is killed, one that is stopped, and two that share a database."""
import json
import signal
import time
import unittest
import urllib.request

from programs import SECONDS, ProgramTest

HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
LINE = "EC2,0.1,0.05,USD,usage,2024-09-18 22:00:00,AWS\n"
LINES = 200_000  # takes about a second


class Jobs(ProgramTest):
    def setUp(self):
        super().setUp()
        self.bills = self.folder / "bills"
        self.bills.mkdir()
        (self.bills / "large.csv").write_text(HEADER + LINES * LINE, encoding="utf-8")

    def start(self, *options):
        return self.start_agent("--collect-root", str(self.bills), "--job-lease", "1", *options)

    def collect(self, agent, file="large.csv", customer="acme"):
        body = json.dumps({"customer_id": customer, "file": file}).encode()
        with urllib.request.urlopen(agent.url + "/collect/focus", data=body, timeout=SECONDS) as answer:
            return json.load(answer)["job_id"]

    def job(self, agent, job, wait=0):
        return json.loads(agent.get(f"/jobs/{job}?wait={wait}"))

    def until(self, agent, job, status):
        deadline = time.monotonic() + SECONDS
        while (seen := self.job(agent, job))["status"] != status:
            self.assertLess(time.monotonic(), deadline, seen)
        return seen

    def check_total(self, agent):
        total = json.loads(agent.get("/costs?customer_id=acme"))["total"]
        self.assertEqual([entry["billed_cost"] for entry in total], [str(LINES // 10)])

    def test_the_job_of_a_killed_agent_is_done_by_the_next_and_counts_once(self):
        agent = self.start()
        job = self.collect(agent)
        self.until(agent, job, "running")
        agent.stop(signal.SIGKILL)
        agent = self.start()
        done = self.job(agent, job, wait=30)
        self.assertEqual((done["status"], done["attempts"], done["result"]["charges"]), ("done", 2, LINES), done)
        self.check_total(agent)

    def test_what_still_waits_when_the_agent_is_stopped_is_done_by_the_next(self):
        (self.bills / "small.csv").write_text(HEADER + LINE, encoding="utf-8")
        agent = self.start()
        first = self.collect(agent)
        self.until(agent, first, "running")
        second = self.collect(agent, "small.csv")
        self.assertEqual(agent.stop(), 0)
        agent = self.start()
        self.assertEqual(self.job(agent, second, wait=30)["status"], "done")
        first = self.job(agent, first)
        self.assertEqual((first["status"], first["attempts"]), ("done", 1), first)

    def test_two_job_threads_take_in_two_bills_at_once(self):
        agent = self.start("--job-threads", "2")
        jobs = [self.collect(agent, customer=customer) for customer in ("acme", "globex")]
        seen = set()
        while "done" not in seen and seen != {"running"}:
            seen = {self.job(agent, job)["status"] for job in jobs}
        self.assertEqual(seen, {"running"})
        self.assertEqual([self.job(agent, job, wait=30)["status"] for job in jobs], ["done", "done"])
        self.check_total(agent)

    def test_of_two_agents_on_one_database_either_does_the_job_when_the_other_is_killed(self):
        agents = [self.start(), self.start()]
        job = self.collect(agents[0])
        self.until(agents[1], job, "running")
        agents[0].stop(signal.SIGKILL)
        self.assertEqual(self.job(agents[1], job, wait=30)["status"], "done")
        self.check_total(agents[1])


if __name__ == "__main__":
    unittest.main()
