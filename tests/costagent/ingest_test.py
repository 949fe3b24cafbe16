#!/usr/bin/env python3
"""costagent's ingest command from outside: what it counts, what it says and how it ends.

    ingest_test.py COSTAGENT        COSTAGENT: the program
"""
import gzip
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

COSTAGENT = sys.argv.pop(1)
NOBODY = 65534

HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,Unheard\n"
LINE = 'EC2,0.1,0.05,USD,usage,2024-09-18 22:00:00,AWS,"kept, too"\n'


class Ingest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.database = f"sqlite:{self.folder}/costs.db"

    def ingest(self, *arguments, customer="acme", database=None, program=COSTAGENT, **options):
        command = [program, "ingest", "--database", database or self.database, "--customer", customer, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **options)

    def counted(self, *arguments, code=0, **options):
        said = self.ingest("--json", *arguments, **options)
        self.assertEqual(said.returncode, code, said)
        self.assertEqual(said.stdout.count("\n"), 1, said)
        return json.loads(said.stdout)

    def refused(self, code, words, *arguments, **options):
        said = self.ingest("--json", *arguments, **options)
        self.assertEqual(said.returncode, code, said)
        self.assertIn(words, said.stderr)
        self.assertEqual(said.stdout, "")

    def file(self, text, name="bill.csv"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_the_public_sample_counts_to_its_last_digit_and_once(self):
        sample = pathlib.Path(os.environ.get("SHARED_DATA", "")) / "focus_1_0_sample.csv"
        if not sample.is_file():
            self.skipTest(f"no public sample bill at {sample}")
        whole = {"charges": 1000, "duplicates": 0, "rejected": 0,
                 "billed_cost": "20.52022672899", "effective_cost": "14.97651418586"}
        again = {"charges": 0, "duplicates": 1000, "rejected": 0, "billed_cost": "0", "effective_cost": "0"}
        self.assertEqual(self.counted(sample), whole)
        self.assertEqual(self.counted(sample), again)
        self.assertEqual(self.counted(self.file(gzip.compress(sample.read_bytes()), "other name")), again)
        self.assertEqual(self.counted(sample, customer="another"), whole)

    def test_several_files_are_one_total(self):
        first, second = self.file(HEADER + 2 * LINE, "1.csv"), self.file(HEADER + 3 * LINE, "2.csv")
        use = self.file("ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n"
                        "vm,2024-09-18T00:00:00Z,1,2,3,4\n", "use.csv")
        self.assertEqual(self.counted(first, second, first, "--utilisation", use),
                         {"charges": 5, "duplicates": 2, "rejected": 0, "billed_cost": "0.5", "effective_cost": "0.25"})

    def test_a_bad_line_is_told_and_the_rest_kept(self):
        bill = self.file(HEADER + LINE + LINE.replace("0.05", "cheap") + LINE)
        said = self.ingest("--json", bill)
        self.assertEqual(said.returncode, 1, said)
        self.assertEqual(json.loads(said.stdout)["charges"], 2)
        self.assertEqual(json.loads(said.stdout)["rejected"], 1)
        self.assertIn(f"{bill}:3:3: EffectiveCost: 'cheap' is not a number", said.stderr)

    def test_many_bad_lines_are_counted_and_the_first_told(self):
        said = self.ingest(self.file(HEADER + LINE + 50 * "bad\n"))
        self.assertEqual(said.returncode, 1, said)
        self.assertEqual(said.stderr.count("it has 1 fields"), 20)
        self.assertIn("30 more", said.stderr)
        self.assertIn("1 charges taken in, 0 duplicates, 50 rejected", said.stdout)

    def test_a_header_alone_is_an_empty_bill(self):
        self.assertEqual(self.counted(self.file(HEADER))["charges"], 0)

    def test_what_is_no_bill_is_refused_by_name(self):
        self.refused(2, "it is empty", self.file("", "empty.csv"))
        self.refused(2, "junk.csv", self.file(os.urandom(5000).replace(b"\n", b"") + b"\n", "junk.csv"))
        self.refused(2, "BilledCost (is it 'BilledCosts'?)", self.file(HEADER.replace("BilledCost", "BilledCosts") + LINE))
        self.refused(2, "No such file", self.folder / "missing.csv")
        self.refused(3, "it is a folder", self.folder)
        packed = gzip.compress((HEADER + 1000 * LINE).encode())
        self.refused(3, "end too soon", self.file(packed[:-9], "cut.csv.gz"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody who may not read")
    def test_a_file_that_may_not_be_read_is_refused(self):
        self.folder.chmod(0o777)
        bill = self.file(HEADER + LINE)
        bill.chmod(0)
        program = shutil.copy(COSTAGENT, self.folder)  # the built one may lie in a folder that nobody may enter
        self.refused(3, "Permission denied", bill, program=program, user=NOBODY, group=NOBODY, extra_groups=[])

    def test_odd_arguments_are_refused(self):
        bill = self.file(HEADER + LINE)
        for customer in ("", "a b", "../x", "x" * 129, "é"):
            self.refused(2, "1 to 128 letters", bill, customer=customer)
        self.refused(2, "sqlite:PATH", bill, database="postgresql://x")
        self.refused(2, "nothing to take in")
        self.refused(3, "no/such/folder", bill, database=f"sqlite:{self.folder}/no/such/folder/costs.db")
        self.refused(3, "costs.db", bill, database=f"sqlite:{self.file('no database', 'costs.db')}")

    def test_many_processes_with_the_same_file_count_it_once(self):
        bill = self.file(HEADER + 5000 * LINE)
        command = [COSTAGENT, "ingest", "--database", self.database, "--customer", "acme", "--json", str(bill)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
        said = [json.loads(process.communicate(timeout=60)[0]) for process in running]
        self.assertEqual([process.returncode for process in running], [0] * 4)
        self.assertEqual(sorted(each["charges"] for each in said), [0, 0, 0, 5000])
        self.assertEqual(sorted(each["duplicates"] for each in said), [0, 5000, 5000, 5000])

    def test_a_killed_one_leaves_nothing_and_the_next_counts_all(self):
        bill = self.file(HEADER + 300_000 * LINE)
        command = [COSTAGENT, "ingest", "--database", self.database, "--customer", "acme", str(bill)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            log = self.folder / "costs.db-wal"
            while process.poll() is None and not (log.is_file() and log.stat().st_size > 1_000_000):
                pass  # until it has written much, but not all
            process.send_signal(signal.SIGKILL)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertEqual(self.counted(bill), {"charges": 300_000, "duplicates": 0, "rejected": 0,
                                              "billed_cost": "30000", "effective_cost": "15000"})


class Help(unittest.TestCase):
    def test_teaches_with_an_example(self):
        for arguments in (["--help"], ["ingest", "--help"]):
            said = subprocess.run([COSTAGENT, *arguments], capture_output=True, text=True, timeout=10)
            self.assertEqual(said.returncode, 0)
            self.assertIn("costagent ingest", said.stdout)
            self.assertIn("Exit codes", said.stdout)
        said = subprocess.run([COSTAGENT, "--version"], capture_output=True, text=True, timeout=10)
        self.assertRegex(said.stdout, r"^costagent \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_ends_with_2(self):
        for arguments in ([], ["ingst"], ["ingest"], ["ingest", "--nonsense"]):
            said = subprocess.run([COSTAGENT, *arguments], capture_output=True, text=True, timeout=10)
            self.assertEqual(said.returncode, 2, said)


if __name__ == "__main__":
    unittest.main()
