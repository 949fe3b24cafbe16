#!/usr/bin/env python3
"""What people say of their costs, across costagent's processes: workers that share a database, and the agent that comes after them."""
import json
import unittest
import urllib.error
import urllib.request
from datetime import date, timedelta

from programs import SECONDS, ProgramTest, costagent

HEADER = ("ProviderName,ServiceName,RegionId,ResourceId,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,"
          "ChargePeriodEnd\n")
FIRST, DAYS, SPIKE = date(2025, 1, 1), 120, 100


def bill(spike):
    """A machine, and storage that costs `spike` on one day."""
    lines = [HEADER]
    for i in range(DAYS):
        begin, end = FIRST + timedelta(i), FIRST + timedelta(i + 1)
        for service, cost in (("EC2", 10 + i % 3 / 10), ("S3", spike if i == SPIKE else 1 + i % 2 / 100)):
            lines.append(f"AWS,{service},eu-west-1,{service},{cost},{cost},USD,Usage,{begin}T00:00:00Z,{end}T00:00:00Z\n")
    return "".join(lines)


class Feedback(ProgramTest):
    def take_in(self, spike, *options):
        path = self.write(f"bill-{spike}.csv", bill(spike))
        done = costagent("ingest", "--database", f"sqlite:{self.folder / 'costs.db'}", "--customer", "acme", *options, str(path))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def ask(self, agent, path, method="POST", **body):
        """Over a connection of its own, so that any worker may answer."""
        request = urllib.request.Request(agent.url + path, json.dumps(body).encode() if body else None, method=method)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)

    def analyse(self, agent):
        return self.ask(agent, "/analyze", customer_id="acme", start_date=str(FIRST), analysis_types=["anomaly"])

    def test_every_worker_and_the_next_agent_know_what_was_said_to_one(self):
        self.take_in(9)
        agent = self.start_agent("--workers", "2")
        for _ in range(10):
            told = self.analyse(agent)
            self.assertEqual(told["incidents_found"], 1, told)
        given = self.ask(agent, "/feedback", customer_id="acme", kind="expected", anomaly_id=told["incidents"][0]["anomaly_id"])
        for _ in range(20):
            self.assertEqual(self.analyse(agent)["incidents_found"], 0)
        self.assertEqual(agent.stop(), 0)
        agent = self.start_agent()
        after = self.analyse(agent)
        self.assertEqual((after["incidents_found"], after["incidents_answered"]), (0, 1))
        self.ask(agent, f"/feedback/{given['feedback_id']}", method="DELETE")
        self.assertEqual(self.analyse(agent)["incidents_found"], 1)

    def test_what_was_told_before_a_bill_was_restated_is_revised_by_the_next_agent(self):
        self.take_in(9)
        agent = self.start_agent()
        told = self.analyse(agent)["incidents"][0]
        self.assertEqual(agent.stop(), 0)
        self.take_in(1, "--replace")
        after = self.analyse(self.start_agent())
        self.assertEqual(after["incidents_found"], 0)
        self.assertEqual([was["anomaly_id"] for was in after["revised"]], [told["anomaly_id"]])
        self.assertEqual((after["revised"][0]["actual_cost_was"], after["revised"][0]["actual_cost"]), ("9", "1"))


if __name__ == "__main__":
    unittest.main()
