#!/usr/bin/env python3
"""costagent's ingest command at its edges: the same file again, many at once, one killed, and what is no bill."""
import gzip
import json
import os
import shutil
import signal
import subprocess
import unittest

from programs import BIN, SECONDS, ProgramTest, costagent

NOBODY = 65534
HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,Unheard\n"
LINE = 'EC2,0.1,0.05,USD,usage,2024-09-18 22:00:00,AWS,"kept, too"\n'


def command(folder, *arguments, customer="acme", database=None, program=BIN / "costagent"):
    return [program, "ingest", "--json", "--database", database or f"sqlite:{folder}/costs.db", "--customer", customer, *arguments]


class Ingest(ProgramTest):
    def ingest(self, *arguments, as_user=None, **options):
        user = {} if as_user is None else {"user": as_user, "group": as_user, "extra_groups": []}
        return subprocess.run(command(self.folder, *arguments, **options), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=SECONDS, **user)

    def counted(self, *arguments, **options):
        said = self.ingest(*arguments, **options)
        self.assertEqual((said.returncode, said.stderr, said.stdout.count("\n")), (0, "", 1), said)
        counts = json.loads(said.stdout)
        self.notes = counts.pop("notes")
        self.others = {name: counts.pop(name) for name in ("utilisation", "commitments")}
        totals = counts.pop("totals")  # of a bill in one currency they say the same again
        self.assertEqual([(each["billed_cost"], each["effective_cost"]) for each in totals],
                         [(counts["billed_cost"], counts["effective_cost"])] if counts["charges"] else [])
        return counts

    def refused(self, code, words, *arguments, **options):
        said = self.ingest(*arguments, **options)
        self.assertEqual((said.returncode, said.stdout), (code, ""), said)
        self.assertIn(words, said.stderr)

    def write_bytes(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_a_file_counts_once_for_each_customer_under_any_name_packed_or_not(self):
        bill = self.write("bill.csv", HEADER + 10 * LINE)
        whole = {"charges": 10, "duplicates": 0, "rejected": 0, "replaced": 0, "billed_cost": "1", "effective_cost": "0.5"}
        again = {"charges": 0, "duplicates": 10, "rejected": 0, "replaced": 0, "billed_cost": "0", "effective_cost": "0"}
        self.assertEqual(self.counted(bill), whole)
        self.assertEqual(self.counted(bill), again)
        self.assertEqual(self.counted(self.write_bytes("other name", gzip.compress(bill.read_bytes()))), again)
        self.assertEqual(self.counted(bill, customer="another"), whole)

    def test_several_files_are_one_total(self):
        first = self.write("1.csv", HEADER + 2 * LINE)
        second = self.write("2.csv", HEADER + 3 * LINE)
        use = self.write("use.csv", "ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n"
                                    "vm,2024-09-18T00:00:00Z,1,2,3,4\n")
        self.assertEqual(self.counted(first, second, first, "--utilisation", use),
                         {"charges": 5, "duplicates": 2, "rejected": 0, "replaced": 0, "billed_cost": "0.5", "effective_cost": "0.25"})

    def test_contract_commitments_are_counted_apart(self):
        contracts = self.write("contracts.csv", "ContractCommitmentId,ContractCommitmentCost,BillingCurrency,ContractPeriodStart\n"
                                                "one,1000,USD,2025-01-01\ntwo,5,USD,2025-01-01\n")
        self.assertEqual(self.counted(contracts)["charges"], 0)
        self.assertEqual(self.others, {"utilisation": {"taken": 0, "duplicates": 0, "rejected": 0},
                                       "commitments": {"taken": 2, "duplicates": 0, "rejected": 0}})

    def test_each_currency_has_a_sum_of_its_own(self):
        bill = self.write("bill.csv", HEADER + LINE + 3 * LINE.replace("USD", "EUR"))
        report = json.loads(self.ingest(bill).stdout)
        self.assertEqual((report["billed_cost"], report["effective_cost"]), (None, None))
        self.assertEqual(report["totals"], [{"currency": "EUR", "billed_cost": "0.3", "effective_cost": "0.15"},
                                            {"currency": "USD", "billed_cost": "0.1", "effective_cost": "0.05"}])
        said = costagent("ingest", "--database", f"sqlite:{self.folder}/costs.db", "--customer", "other", bill)
        self.assertIn("billed cost 0.3, effective cost 0.15 (EUR)\nbilled cost 0.1, effective cost 0.05 (USD)\n", said.stdout)

    def test_many_bad_lines_are_all_counted_and_the_first_told(self):
        said = self.ingest(self.write("bill.csv", HEADER + LINE + 50 * "bad\n"))
        self.assertEqual(said.returncode, 1, said)
        self.assertEqual((json.loads(said.stdout)["charges"], json.loads(said.stdout)["rejected"]), (1, 50))
        self.assertEqual(said.stderr.count("it has 1 fields"), 20)
        self.assertIn("30 more", said.stderr)

    def test_a_header_alone_is_an_empty_bill(self):
        self.assertEqual(self.counted(self.write("bill.csv", HEADER))["charges"], 0)
        self.assertIn(f"{self.folder}/bill.csv: it is a header without a line: there was nothing to take in", self.notes)
        self.refused(2, "curl -d drops them", self.write("bill.csv", (HEADER + 3 * LINE).replace("\n", "")))

    def test_what_is_no_bill_is_refused_by_name(self):
        self.refused(2, "empty.csv: it is empty", self.write("empty.csv", ""))
        self.refused(2, "BilledCost (is it 'BilledCosts'?)",
                     self.write("bill.csv", HEADER.replace("BilledCost", "BilledCosts") + LINE))
        for junk in (bytes(range(256)) * 20, b"\xff" * 5_000_000):
            self.refused(2, "junk.csv", self.write_bytes("junk.csv", junk))
        packed = gzip.compress((HEADER + 1000 * LINE).encode())
        self.refused(2, "end too soon", self.write_bytes("cut.csv.gz", packed[:-9]))

    def test_a_folder_without_any_bill_is_refused(self):
        folder = self.folder / "bills"
        folder.mkdir()
        self.refused(2, "bills: there is no file in the folder", folder)
        for name in ("a.txt", "b.txt"):
            self.write(f"bills/{name}", "hello\nworld\n")
        self.refused(2, "of 2 files none is a bill; the first: " + str(folder / "a.txt") + ": it is no bill of a form", folder)
        self.write("bills/c.csv", HEADER + LINE)
        self.assertEqual(self.counted(folder)["charges"], 1)
        self.assertIn("2 files were passed over, as they are no bills; the first: " + str(folder / "a.txt"), self.notes[0])

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody who may not read")
    def test_a_file_that_may_not_be_read_is_refused(self):
        self.folder.chmod(0o777)
        bill = self.write("bill.csv", HEADER + LINE)
        bill.chmod(0)
        program = shutil.copy(BIN / "costagent", self.folder)  # the built one may lie where nobody may go
        self.refused(3, "Permission denied", bill, as_user=NOBODY, program=program)

    def test_odd_customers_and_databases_are_refused(self):
        bill = self.write("bill.csv", HEADER + LINE)
        for customer in ("", "a b", "../x", "x" * 129, "é"):
            self.refused(2, "1 to 128 letters", bill, customer=customer)
        self.refused(2, "sqlite:PATH", bill, database="mysql://x")
        junk = self.write("junk.db", 100 * "this is no database\n")
        self.refused(3, "junk.db", bill, database=f"sqlite:{junk}")
        self.assertEqual(junk.read_text(), 100 * "this is no database\n")

    def test_many_processes_with_the_same_file_count_it_once(self):
        bill = self.write("bill.csv", HEADER + 5000 * LINE)
        running = [subprocess.Popen(command(self.folder, bill), stdout=subprocess.PIPE) for _ in range(4)]
        said = [json.loads(process.communicate(timeout=SECONDS)[0]) for process in running]
        self.assertEqual([process.returncode for process in running], [0] * 4)
        self.assertEqual(sorted(each["charges"] for each in said), [0, 0, 0, 5000])
        self.assertEqual(sorted(each["duplicates"] for each in said), [0, 5000, 5000, 5000])

    def test_a_killed_one_leaves_nothing_and_the_next_counts_all(self):
        bill = self.write("bill.csv", HEADER + 300_000 * LINE)
        log = self.folder / "costs.db-wal"
        with subprocess.Popen(command(self.folder, bill), stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not (log.is_file() and log.stat().st_size > 1_000_000):
                pass  # until it has written much, and not all
            process.send_signal(signal.SIGKILL)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertEqual(self.counted(bill), {"charges": 300_000, "duplicates": 0, "rejected": 0, "replaced": 0,
                                              "billed_cost": "30000", "effective_cost": "15000"})


    def test_a_result_that_cannot_be_printed_is_an_error(self):
        bill = self.write("bill.csv", HEADER + LINE)
        for arguments in (command(self.folder, bill), [BIN / "costagent", "sample", "--out", self.folder / "out", "--days", "2"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                said = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS)
            self.assertEqual(said.returncode, 3, said)
            self.assertIn("can't be written to standard output: No space left", said.stderr)


class Help(unittest.TestCase):
    def test_teaches_with_an_example(self):
        for arguments in (["--help"], ["ingest", "--help"]):
            said = costagent(*arguments)
            self.assertEqual(said.returncode, 0)
            self.assertIn("Example:\n  costagent ", said.stdout)
            self.assertIn("Exit codes", said.stdout)
        self.assertRegex(costagent("--version").stdout, r"^costagent \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_ends_with_2(self):
        for arguments in ([], ["ingst"], ["ingest"], ["ingest", "--nonsense"]):
            self.assertEqual(costagent(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main()
