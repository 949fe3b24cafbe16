#!/usr/bin/env python3
"""What becomes of costagent's SQLite database when the disk is full, or a file may grow no further: nothing."""
import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from programs import BIN, SECONDS, ProgramTest, costagent

HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,ResourceId\n"
LARGE = 60_000  # lines, each of a resource of its own: several times what there is room for
ROOM = 1_500_000  # bytes


def let_files_grow_no_further():
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


def lines(count, month):
    return "".join(f"EC2,0.1,0.05,USD,usage,2024-{month}-18 22:00:00,AWS,i-{i * 7919 % 1000003:x}\n" for i in range(count))


class Full:
    """Tests of a disk on which there is little room; who it is that has little, `full` says."""

    def setUp(self):
        super().setUp()
        self.small = self.write("small.csv", HEADER + lines(10, "08"))
        self.large = self.write("large.csv", HEADER + lines(LARGE, "09"))
        self.disk = self.folder / "disk"
        self.disk.mkdir()

    def ingest(self, bill, **how):
        return subprocess.run([BIN / "costagent", "ingest", "--json", "--database", f"sqlite:{self.disk}/costs.db",
                               "--customer", "acme", bill], capture_output=True, text=True, timeout=SECONDS, **how)

    def counts(self, bill, charges, duplicates):
        said = self.ingest(bill)
        self.assertEqual(said.returncode, 0, said)
        report = json.loads(said.stdout)
        self.assertEqual((report["charges"], report["duplicates"]), (charges, duplicates))

    def check_intact(self, **totals):
        with contextlib.closing(sqlite3.connect(self.disk / "costs.db")) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        for month, total in totals.items():
            said = costagent("reconcile", "--database", f"sqlite:{self.disk}/costs.db", "--customer", "acme",
                             "--month", f"2024-{month[1:]}", "--total", total or "1")
            if total is None:
                self.assertIn("there is no bill", said.stderr)
            else:
                self.assertEqual(said.returncode, 0, said)  # it agrees, to the last digit

    def test_what_finds_no_room_is_one_clear_error_and_changes_nothing(self):
        self.make_small()
        self.counts(self.small, 10, 0)
        self.check_intact(m08="1", m09=None)
        for _ in range(2):  # what the first try left is in nobody's way
            said = self.ingest(self.large, **self.full)
            self.assertEqual((said.returncode, said.stdout), (3, ""), said)
            self.assertEqual(said.stderr.count("\n"), 1, said.stderr)
            self.assertRegex(said.stderr, r"^costagent: .*costs\.db: .*" + self.words)
            self.check_intact(m08="1", m09=None)
        self.counts(self.small, 0, 10)
        self.make_large()
        self.counts(self.large, LARGE, 0)
        self.check_intact(m08="1", m09=str(LARGE // 10))


@unittest.skipUnless(os.environ.get("OWN_MOUNTS"), "no disk of our own can be mounted here (unshare -rm)")
class DiskFull(Full, ProgramTest):
    full = {}
    words = "disk is full"

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.disk], check=True)

    def make_small(self):
        self.mount(f"size={ROOM}")
        self.addCleanup(lambda: subprocess.run(["umount", self.disk], check=True))

    def make_large(self):
        self.mount("remount,size=400000000")


class FileAtItsLimit(Full, ProgramTest):
    full = {"preexec_fn": let_files_grow_no_further}
    words = "(I/O error|full)"

    def make_small(self):
        pass

    def make_large(self):
        pass

    def test_an_upload_that_finds_no_room_is_refused_and_the_agent_goes_on(self):
        agent = self.start_agent("--spool", self.folder / "spool", preexec_fn=let_files_grow_no_further)
        for bill, status in ((self.large, 503), (self.small, 202), (self.large, 503)):
            request = urllib.request.Request(f"{agent.url}/collect/focus?customer_id=acme&name=bill.csv", method="POST",
                                             data=bill.read_bytes(), headers={"Content-Type": "text/csv"})
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                    self.assertEqual(answer.status, status)
            except urllib.error.HTTPError as refused:
                with refused:
                    self.assertEqual(refused.code, status, refused.read())
        self.assertEqual(json.loads(agent.get("/health"))["status"], "ok")
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    inside = ["unshare", "-rm", "env", "OWN_MOUNTS=1", sys.executable, __file__, *sys.argv[1:]]
    if not os.environ.get("OWN_MOUNTS") and subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0:
        os.execvp(inside[0], inside)
    unittest.main()
