#!/usr/bin/env python3
"""Suites of several files, benchmarks and sweeps, with real processes."""
import os
import unittest

from programs import ProgramTest, loadlab

SERVER = """\
import http.server, sys, threading, time
workers = threading.Semaphore(int(sys.argv[2]))
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path != "/ready":
            with workers:
                time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

# As Google Benchmark does, with what it was told to write.
BENCHMARK = """\
import json, sys
options = dict(one.lstrip("-").split("=", 1) for one in sys.argv[1:] if "=" in one)
runs = []
for i in range(int(options["benchmark_repetitions"])):
    runs.append({"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration", "real_time": 2000 + i, "cpu_time": 1000 + i,
                 "time_unit": "ns", "items_per_second": 5e6, "filter": len(options["benchmark_filter"])})
runs.append({"name": "BM_a/8_mean", "run_name": "BM_a/8", "run_type": "aggregate", "real_time": 1, "cpu_time": 1, "time_unit": "ns"})
json.dump({"context": {}, "benchmarks": runs}, open(options["benchmark_out"], "w"))
"""


class Suites(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("server.py", SERVER)
        self.write("bench.py", BENCHMARK)

    def play(self, *options):
        said = loadlab("run", self.folder, "--json", self.folder / "summary.json", "--html", self.folder / "report.html", "--markdown",
                       self.folder / "PERFORMANCE.md", "--commit", "abc", *options)
        return said

    def write_suite(self):
        self.write("suite.yaml", """\
suite: parts
target: http://127.0.0.1:$(port)
ports: [port]
variables: {length: 20s}
start: [{name: server, run: python3 server.py $(port) 4, ready: GET /ready}]
defaults: {duration: $(length), users: 2, steps: [GET /]}
include: [load.yaml, parts.yaml]
""")
        self.write("load.yaml", """\
tests:
  - {name: normal, tags: [performance], thresholds: [error_rate < 1%]}
  - {name: long, tags: [slow], users: 3}
""")
        self.write("parts.yaml", """\
tests:
  - name: bench
    tags: [performance]
    benchmark: {run: python3 bench.py, filter: "it's|BM_a", repetitions: 3}
    thresholds: [median(cpu_time of BM_a/8) < 2us, counter, cv(real_time of BM_a/8) < 1%]
""".replace("counter, ", "median(counter filter of BM_a/8) <= 9, "))

    def test_a_folder_is_one_run_of_all_its_files(self):
        self.write_suite()
        said = self.play("-e", "length=1s", "--except", "slow", "--history", self.folder / "runs.db")
        self.assertIn(said.returncode, (0, 4), said)
        tests = self.read_summary()["tests"]
        self.assertEqual([(one["name"], one["family"], one["kind"]) for one in tests],
                         [("normal", "load", "load"), ("bench", "parts", "benchmark")])
        self.assertEqual(tests[0]["planned_duration_seconds"], 1)
        figures = {one["name"]: one for one in tests[1]["benchmarks"][0]["figures"]}
        self.assertEqual(figures["cpu_time"]["values"], [0.001, 0.001001, 0.001002])
        self.assertTrue(all(one["passed"] for one in tests[1]["thresholds"]), tests[1]["thresholds"])
        page = (self.folder / "PERFORMANCE.md").read_text()
        self.assertIn("## parts", page)
        self.assertIn("Commit: abc", page)
        self.assertRegex(page, r"\| bench \| median\(cpu\\_time of BM\\_a/8\) < 2us \| 1.00 µs \| 2.00 µs \|".replace("< ", r"\\< "))
        # Benchmarks are compared by their repetitions.
        self.assertIn(self.play("-e", "length=1s", "--only", "parts", "--history", self.folder / "runs.db").returncode, (0, 4))
        said = loadlab("compare", "2", "1", "--history", self.folder / "runs.db")
        self.assertIn("BM_a/8: cpu_time_ms", said.stdout + said.stderr)

    def test_a_list_plays_nothing(self):
        self.write_suite()
        said = loadlab("run", self.folder, "--list", "-e", "length=90s")
        self.assertEqual(said.returncode, 0, said)
        self.assertIn("  normal [performance]: 2 users for 90 s", said.stdout)
        self.assertIn("3 tests, 3:00 min of load", said.stdout)
        self.assertEqual(loadlab("run", self.folder, "--only", "nothing").returncode, 2)

    def test_a_benchmark_that_breaks_its_bound_fails_and_one_that_cannot_run_is_an_error(self):
        self.write_suite()
        self.write("parts.yaml", "name: bench\nbenchmark: {run: python3 bench.py, filter: a}\nthresholds: [median(cpu_time of BM_a/8) < 10ns]\n")
        self.assertEqual(self.play("--only", "parts").returncode, 1)
        self.write("parts.yaml", "name: bench\nbenchmark: {run: echo no such flag; exit 3}\n")
        said = self.play("--only", "parts")
        self.assertEqual(said.returncode, 3)
        self.assertIn("exited with 3", said.stdout)
        skipping = BENCHMARK.replace('"time_unit": "ns", "items', '"skipped": True, "skip_message": "no such disk", "time_unit": "ns", "items')
        self.write("bench.py", skipping)
        self.write("parts.yaml", "name: bench\nbenchmark: {run: python3 bench.py, filter: a}\nthresholds: [median(cpu_time of BM_a/8) < 10s]\n")
        said = self.play("--only", "parts")
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("BM_a/8 was skipped: no such disk", said.stdout)

    def test_a_sweep_starts_its_target_anew_for_each_point(self):
        plan = self.write("plan.yaml", """\
target: http://127.0.0.1:$(port)
ports: [port]
users: 8
duration: 1s
start: [{name: server, run: python3 server.py $(port) $(workers), ready: GET /ready}]
before: [echo $(workers) >> $OUT]
steps: [GET /]
sweep: {workers: [1, 2, 4]}
repeat: 2
compare:
  - rate(requests) at workers=4 > 2 * rate(requests) at workers=1
  - rate(requests) at workers=1 < 60/s
""")
        os.environ["OUT"] = str(self.folder / "started")
        said = loadlab("run", plan, "--json", self.folder / "summary.json", "--html", self.folder / "report.html")
        self.assertIn(said.returncode, (0, 4), said)
        self.assertEqual(sorted((self.folder / "started").read_text().split()), ["1", "1", "2", "2", "4", "4"])
        test = self.read_summary()["tests"][0]
        self.assertEqual(test["kind"], "sweep")
        self.assertEqual([point["runs"] for point in test["sweep"]["points"]], [2, 2, 2])
        self.assertTrue(all(one["passed"] for one in test["thresholds"] if " at " in one["expression"]), test["thresholds"])
        self.assertGreater(test["sweep"]["scaling"]["rate_of_one"], 20)
        self.assertIn("workers=4", said.stdout)
        self.assertIn('id="sweep-0"', (self.folder / "report.html").read_text())


if __name__ == "__main__":
    unittest.main()
