#!/usr/bin/env python3
"""costagent's way from a bill to its database, on the command line."""
import json
import os
import pathlib
import unittest

from programs import ProgramTest, costagent

HEAD = "ProviderName,ServiceName,ResourceId,ChargeCategory,ChargePeriodStart,ChargePeriodEnd," \
       "BillingPeriodStart,BillingPeriodEnd,BillingCurrency,BilledCost,EffectiveCost,ListCost,ContractedCost\n"


def line(billed, effective="1"):
    return "AWS,EC2,i-1,Usage,2025-01-01T00:00:00Z,2025-01-02T00:00:00Z," \
           f"2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,USD,{billed},{effective},1,1\n"


class Bills(ProgramTest):
    def ingest(self, *arguments):
        said = costagent("ingest", "--json", "--database", f"sqlite:{self.folder / 'costs.db'}", "--customer", "acme", *arguments)
        return said, json.loads(said.stdout) if said.stdout else None

    def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(self):
        made = {}
        for name, seed in (("first", "7"), ("second", "7"), ("other", "8")):
            out = self.folder / name
            said = costagent("sample", "--out", out, "--seed", seed, "--days", "70", "--customers", "2", "--resources", "5")
            self.assertEqual(said.returncode, 0, said)
            made[name] = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        self.assertEqual(made["first"], made["second"])
        self.assertNotEqual(made["first"], made["other"])

    def test_a_generated_sample_is_taken_in_whole_and_only_once(self):
        costagent("sample", "--out", self.folder / "bills", "--days", "40", "--customers", "1", "--resources", "5")
        customer = self.folder / "bills/customer-1"
        files = ["--utilisation", customer / "utilisation.csv", *sorted(customer.glob("[0-9]*.csv"))]
        said, first = self.ingest(*files)
        self.assertEqual((said.returncode, first["rejected"], first["duplicates"]), (0, 0, 0), said)
        lines = sum(len(path.read_text().splitlines()) - 1 for path in files[2:])
        self.assertEqual(first["charges"], lines)
        said, again = self.ingest(*files)
        self.assertEqual((said.returncode, again["charges"], again["duplicates"]), (0, 0, lines), said)
        self.assertEqual(again["billed_cost"], "0")

    def test_sums_are_exact_and_a_bad_line_costs_only_itself(self):
        bill = self.write("bill.csv", HEAD + line("0.00000000000001") + line("12x") + line("1.5E-3", "-0.25"))
        said, report = self.ingest(bill)
        self.assertEqual(said.returncode, 1, said)
        self.assertEqual((report["charges"], report["rejected"]), (2, 1))
        self.assertEqual((report["billed_cost"], report["effective_cost"]), ("0.00150000000001", "0.75"))
        self.assertIn(f"{bill}:3:", said.stderr)
        self.assertIn("BilledCost", said.stderr)

    def test_what_cannot_be_done_says_why(self):
        bill = self.write("bill.csv", HEAD)
        for arguments, code in ((["--no-such-option"], 2), ([self.folder / "missing.csv"], 2), ([], 2)):
            said, _ = self.ingest(*arguments)
            self.assertEqual(said.returncode, code, said)
            self.assertNotEqual(said.stderr, "")
        said = costagent("ingest", "--database", f"sqlite:{self.folder}/no/such/folder.db", "--customer", "acme", bill)
        self.assertEqual(said.returncode, 3, said)

    def reconcile(self, *arguments, customer="acme", database="costs.db"):
        return costagent("reconcile", "--database", f"sqlite:{self.folder / database}", "--customer", customer, *arguments)

    def test_a_month_is_listed_and_compared_with_an_invoice_in_cents(self):
        bill = self.write("bill.csv", HEAD + line("37.3600000001") + 5 * line("2").replace("USD", "EUR"))
        self.ingest(bill)
        listed = json.loads(self.reconcile("--json").stdout)
        self.assertEqual(listed["bills"][0]["charges"], 6)
        self.assertEqual([(each["currency"], each["billed_cost"]) for each in listed["bills"][0]["totals"]],
                         [("EUR", "10"), ("USD", "37.3600000001")])
        said = self.reconcile("--month", "2025-01")
        self.assertEqual((said.returncode, said.stdout.count(" 6 "), said.stdout.count('" ')), (0, 1, 1), said)
        usd = ["--month", "2025-01", "--currency", "usd"]
        said = self.reconcile(*usd, "--total", "37.36")
        self.assertEqual(said.returncode, 0, said)
        self.assertIn("they agree, rounded to 2 decimals; to the last digit, the bill is 0.0000000001 USD above", said.stdout)
        self.assertEqual(self.reconcile(*usd, "--total", "37.36", "--exact").returncode, 1)
        said = self.reconcile(*usd, "--total", "57.3600000001")
        self.assertEqual(said.returncode, 1, said)
        self.assertIn("the bill is 20 USD below the invoice", said.stdout)

    def test_what_is_not_there_is_not_made_to_be_looked_at(self):
        said = self.reconcile(database="mistyped.db")
        self.assertEqual(said.returncode, 2, said)
        self.assertIn("mistyped.db: there is no such database", said.stderr)
        self.assertFalse((self.folder / "mistyped.db").exists())
        self.ingest(self.write("bill.csv", HEAD + line("1")))
        for arguments, customer, words in (([], "nobody", "there is no customer 'nobody'"),
                                           (["--month", "2025-02"], "acme", "the billing period 2025-02;"),
                                           (["--currency", "eur"], "acme", "no bill in eur: those that fit are in USD")):
            said = self.reconcile(*arguments, customer=customer)
            self.assertEqual((said.returncode, said.stdout), (2, ""), said)
            self.assertIn(words, said.stderr)

    def test_the_public_sample_bill_is_taken_in_to_the_last_digit(self):
        sample = pathlib.Path(os.environ.get("SHARED_DATA", "absent")) / "focus_1_0_sample.csv"
        if not sample.exists():
            self.skipTest("the public FOCUS sample is not here (SHARED_DATA)")
        said, report = self.ingest(sample)
        self.assertEqual(said.returncode, 0, said)
        self.assertEqual((report["charges"], report["rejected"]), (1000, 0))
        self.assertEqual((report["billed_cost"], report["effective_cost"]), ("20.52022672899", "14.97651418586"))


if __name__ == "__main__":
    unittest.main()
