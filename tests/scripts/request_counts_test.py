#!/usr/bin/env python3
"""The comparison of both programs' request counts: equal only when equal by method and route."""
import json
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/request_counts"

BEFORE = """# HELP costagent_http_requests_total Requests by method and route.
# TYPE costagent_http_requests_total counter
costagent_http_requests_total{method="GET",route="/ready",status="200"} 3
costagent_http_requests_total{method="GET",route="/metrics",status="200"} 1
"""
AFTER = BEFORE.replace('"/metrics",status="200"} 1', '"/metrics",status="200"} 2') + """\
costagent_http_requests_total{method="GET",route="/recommendations/{id}",status="200"} 4
costagent_http_requests_total{method="GET",route="/costs",status="200"} 6
costagent_http_requests_total{method="GET",route="/costs",status="503"} 1
costagent_http_requests_total{method="POST",route="/recommendations",status="200"} 1e+06
process_cpu_seconds_total 12.5
"""
SENT = [
    [("GET /recommendations/$(id)", 4), ("GET /costs?customer_id=a", 2)],
    [("GET /costs?customer_id=b", 4), ("GET /api/v1/costs", 1), ("POST /recommendations", 1000000)],
]


class RequestCounts(unittest.TestCase):
    def compare(self, tests, after=AFTER):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            summary = {
                "tests": [{"endpoints": [{"name": name, "total_requests": n} for name, n in steps]} for steps in tests]
            }
            (root / "summary").write_text(json.dumps(summary))
            (root / "before").write_text(BEFORE)
            (root / "after").write_text(after)
            command = [SCRIPT, "compare", root / "summary", root / "before", root / "after"]
            return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def test_adds_up_tests_statuses_and_queries(self):
        said = self.compare(SENT)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        self.assertIn("both counted 1000011", said.stdout)

    def test_one_request_too_few_is_seen_and_named(self):
        said = self.compare([SENT[0], [("GET /costs?customer_id=b", 3), *SENT[1][1:]]])
        self.assertEqual(said.returncode, 1)
        self.assertIn("GET /costs: loadlab 6, service 7", said.stdout)

    def test_equal_sums_on_different_routes_are_different(self):
        said = self.compare([[("GET /costs", 11), *SENT[1][2:]]])
        self.assertEqual(said.returncode, 1)
        self.assertIn("GET /recommendations/{id}: loadlab 0, service 4", said.stdout)

    def test_a_request_the_service_never_saw_is_different(self):
        said = self.compare([*SENT, [("GET /nowhere", 1)]])
        self.assertEqual(said.returncode, 1)
        self.assertIn("GET /nowhere: loadlab 1, service 0", said.stdout)

    def test_what_cannot_be_compared_is_no_equality(self):
        for said in (self.compare([[("recommend", 1)]]), self.compare(SENT, 'http_requests_total{code="200"} 1\n')):
            self.assertEqual((said.returncode, said.stdout), (3, ""))
            self.assertIn("request_counts: ", said.stderr)


if __name__ == "__main__":
    unittest.main()
