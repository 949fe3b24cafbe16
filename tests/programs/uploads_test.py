#!/usr/bin/env python3
"""Bills that are sent to costagent: large ones, by whichever worker, and what is left of them when it is killed."""
import gzip
import http.client
import json
import os
import pathlib
import signal
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from programs import SECONDS, ProgramTest

HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
LINE = "EC2,0.1,0.05,USD,usage,2024-09-18 22:00:00,AWS\n"


def size_of(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Uploads(ProgramTest):
    def setUp(self):
        super().setUp()
        self.spool = self.folder / "costs.db-uploads"

    def send(self, agent, body, query="customer_id=acme&wait=30", kind="text/csv"):
        request = urllib.request.Request(f"{agent.url}/collect/focus?{query}", data=body, headers={"Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def half_sent(self, agent):
        """A connection on which half of a bill has been sent, and has reached the disk."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(agent.url).netloc, timeout=SECONDS)
        self.addCleanup(connection.close)
        before = set(self.files())
        connection.putrequest("POST", "/collect/focus?customer_id=acme")
        connection.putheader("Content-Type", "text/csv")
        connection.putheader("Content-Length", str(2_000_000))
        connection.endheaders()
        connection.send(HEADER.encode() + 10_000 * LINE.encode())
        self.until(lambda: any(size_of(path) > 0 for path in set(self.files()) - before))
        return connection

    def files(self):
        """What lies in the spool; unlike glob, walk bears that something goes while it is looked at."""
        return [pathlib.Path(folder) / name for folder, _, names in os.walk(self.spool) for name in names]

    def until(self, holds):
        deadline = time.monotonic() + SECONDS
        while not holds():
            self.assertLess(time.monotonic(), deadline)

    def total(self, agent):
        return [entry["billed_cost"] for entry in json.loads(agent.get("/costs?customer_id=acme"))["total"]]

    def test_a_bill_is_taken_in_whatever_it_is_packed_with_and_counts_once(self):
        agent = self.start_agent()
        bill = HEADER.encode() + 50_000 * LINE.encode()  # 40 times what other bodies may have
        code, done = self.send(agent, bill, "customer_id=acme&wait=30&name=2024-09.csv")
        self.assertEqual((code, done["status"], done["result"]["charges"]), (200, "done", 50_000), done)
        self.assertIn("2024-09.csv: ", done["result"]["notes"][0])
        self.assertNotIn(str(self.folder), json.dumps(done), "where it lay is nobody's matter")
        code, again = self.send(agent, gzip.compress(bill), kind="application/gzip")
        self.assertEqual((code, again["result"]["charges"], again["result"]["duplicates"]), (200, 0, 50_000), again)
        # What curl sends by default, and the type of JSON lines that is that of our own objects: the query decides.
        code, more = self.send(agent, bill + LINE.encode(), "customer_id=acme&wait=30&restatement=replace",
                               "application/x-www-form-urlencoded")
        self.assertEqual((code, more["result"]["charges"], more["result"]["replaced"]), (200, 50_001, 50_000), more)
        self.assertEqual(self.total(agent), ["5000.1"])
        self.until(lambda: not self.files())  # gone once the end of the job is written down, just after it can be seen

    def test_a_bill_that_is_none_fails_its_job_and_is_not_kept(self):
        agent = self.start_agent()
        code, failed = self.send(agent, b"a,b\n1,2\n", kind="application/octet-stream")
        self.assertEqual((code, failed["status"], failed["attempts"]), (200, "failed", 1), failed)
        self.until(lambda: not self.files())
        retry = urllib.request.Request(f"{agent.url}/jobs/{failed['job_id']}/retry", data=b"", method="POST")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(retry, timeout=SECONDS)
        self.assertEqual(refused.exception.code, 409)
        self.assertIn("send it again", json.load(refused.exception)["message"], "a retry has nothing to read any more")

    def test_agents_of_two_databases_may_share_a_spool(self):
        self.spool = self.folder / "spool"
        first = self.start_agent("--spool", str(self.spool))
        connection = self.half_sent(first)
        code, held = self.send(first, HEADER.encode() + 300_000 * LINE.encode(), "customer_id=acme")
        self.assertEqual(code, 202, held)
        # It sweeps as it starts: of the first one's jobs it knows none.
        second = self.start_agent("--spool", str(self.spool), database=f"sqlite:{self.folder / 'other.db'}")
        code, done = self.send(second, HEADER.encode() + LINE.encode())
        self.assertEqual((code, done["status"]), (200, "done"), done)
        self.assertEqual(json.loads(first.get(f"/jobs/{held['job_id']}?wait=30"))["status"], "done")
        connection.close()
        self.until(lambda: not self.files())

    def test_without_its_library_a_parquet_file_fails_at_once_and_the_log_says_so(self):
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            agent = self.start_agent(log=log, env=os.environ | {"COSTAGENT_DUCKDB": "/nonexistent/libduckdb.so"})
        code, failed = self.send(agent, b"PAR1 and more", kind="application/octet-stream")
        self.assertEqual((code, failed["status"], failed["attempts"]), (200, "failed", 1), failed)
        self.assertIn("none can be loaded from /nonexistent/libduckdb.so", failed["error"])
        self.assertIn("scripts/parquet", failed["error"])
        wanted = f"job {failed['job_id']} (collect of acme) failed after 1 of 5 attempts: "
        self.until(lambda: wanted in (self.folder / "log").read_text(encoding="utf-8"))

    def test_what_is_wrong_with_a_request_is_told(self):
        agent = self.start_agent("--max-upload", "1000")
        for body, query, kind, code, field in (
                (b"x", "wait=1", "text/csv", 422, "customer_id"),
                (b"x", "customer_id=a%20b", "text/csv", 422, "customer_id"),
                (b"x", "customer_id=acme&name=a/b", "text/csv", 422, "name"),
                (b"x", "customer_id=acme&restatement=x", "text/csv", 422, "restatement"),
                (b"x", "customer_id=acme", "multipart/form-data; boundary=x", 422, "Content-Type"),
                (b"x", "customer_id=acme&colour=x", "text/csv", 422, "colour"),
                (b"", "customer_id=acme", "text/csv", 400, None),
                (b"x" * 1001, "customer_id=acme", "text/csv", 413, None),
                (b"{}" + b" " * 70_000, "", "application/json", 413, None)):
            status, said = self.send(agent, body, query, kind)
            self.assertEqual((status, said["details"].get("field")), (code, field), (query, said))
        self.assertEqual(self.files(), [])

    def test_of_a_client_that_goes_nothing_is_kept(self):
        agent = self.start_agent()
        self.half_sent(agent).close()
        self.until(lambda: not self.files())

    def test_what_a_killed_agent_was_being_sent_is_removed_by_the_next_and_what_it_had_queued_is_done(self):
        held = HEADER.encode() + 300_000 * LINE.encode()
        agent = self.start_agent("--job-lease", "1")
        code, first = self.send(agent, held, "customer_id=acme")
        self.assertEqual(code, 202, first)
        code, second = self.send(agent, HEADER.encode() + LINE.replace("09-18", "09-19").encode(), "customer_id=acme")
        self.assertEqual(code, 202, second)
        self.half_sent(agent)
        agent.stop(signal.SIGKILL)
        kept = {path.parent.name for path in self.files()}
        agent = self.start_agent("--job-lease", "1")
        wanted = {first["job_id"], second["job_id"]}
        self.assertLess({path.parent.name for path in self.files()} - wanted, kept - wanted)
        for job in wanted:
            done = json.loads(agent.get(f"/jobs/{job}?wait=30"))
            self.assertEqual(done["status"], "done", done)
        self.assertEqual(self.total(agent), ["30000.1"])
        self.until(lambda: not self.files())

    def test_another_workers_upload_is_taken_in_too(self):
        agent = self.start_agent("--workers", "2")
        jobs = [self.send(agent, (HEADER + LINE.replace("0.1", str(i))).encode(),
                          f"customer_id=customer-{i}")[1]["job_id"] for i in range(8)]
        for job in jobs:
            self.assertEqual(json.loads(agent.get(f"/jobs/{job}?wait=30"))["status"], "done")
        self.until(lambda: not self.files())

    def test_a_large_bill_takes_no_memory(self):
        agent = self.start_agent()
        def peak():
            status = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text(encoding="utf-8")
            return int(status.split("VmHWM:")[1].split()[0])  # KiB
        before = peak()
        self.half_sent(agent)
        code, refused = self.send(agent, b"\0" * 100_000_000)
        self.assertEqual((code, refused["status"]), (200, "failed"), refused)
        self.assertLess(peak() - before, 50_000, "half of what was sent")


if __name__ == "__main__":
    unittest.main()
