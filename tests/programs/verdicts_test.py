#!/usr/bin/env python3
"""loadlab's exit codes and reports, with a real costagent as the target."""
import http.server
import json
import pathlib
import signal
import subprocess
import threading
import time
import unittest

from programs import BIN, SECONDS, ProgramTest, costagent, free_port, loadlab


class Verdicts(ProgramTest):
    def test_a_load_that_keeps_its_bounds_passes_and_is_reported(self):
        agent = self.start_agent()
        said = self.play(agent.url, seconds=1, threshold="p95(response_time) < 5s")
        self.assertEqual(said.returncode, 0, said)
        self.assertIn("verdict: pass", said.stdout)
        self.assertEqual(self.read_summary()["verdict"], "pass")
        self.assertIn("<html", (self.folder / "report.html").read_text().lower())

    def test_the_doctor_says_whether_a_load_would_fit(self):
        said = loadlab("doctor", "--users", "10", "--rate", "10/s", "--json")
        report = json.loads(said.stdout)
        self.assertEqual(said.returncode, 1 if report["level"] == "bad" else 0, report)
        self.assertIn("descriptors", [finding["check"] for finding in report["findings"]])
        self.assertEqual(loadlab("doctor", "--rate", "10").returncode, 2)

    def test_every_second_is_logged_for_other_tools(self):
        agent = self.start_agent()
        self.until_trusted(*self.command(agent.url, 2, "error_rate < 1%")[1:], "--hlog", self.folder / "run.hlog")
        lines = (self.folder / "run.hlog").read_text().splitlines()
        self.assertTrue(lines[2].startswith("#[StartTime: "), lines)
        intervals = [line.split(",")[0] for line in lines if line.startswith("Tag=")]
        for time in ("response_time", "service_time", "connection_wait", "send_lag"):
            self.assertEqual(intervals.count(f"Tag={time}"), len(self.read_summary()["tests"][0]["series"]), intervals)

    def test_a_bound_that_cannot_be_met_fails(self):
        agent = self.start_agent()
        said = self.play(agent.url, seconds=1, threshold="rate(requests) > 1000000/s")
        self.assertEqual(said.returncode, 1, said)
        self.assertEqual(self.read_summary()["verdict"], "fail")

    def test_a_url_that_gives_errors_only_fails_whatever_else_is_asked_of_it(self):
        agent = self.start_agent()
        said = self.until_trusted("run", f"{agent.url}/nowhere", "--users", "2", "--duration", "1s", "--threshold",
                                  "p95(response_time) < 5s", "--json", self.folder / "summary.json")
        self.assertEqual(said.returncode, 1, said)
        outcomes = {one["expression"]: one["passed"] for one in self.read_summary()["tests"][0]["thresholds"]}
        self.assertEqual(outcomes, {"p95(response_time) < 5s": True, "error_rate < 1%": False})

    def test_a_run_says_where_it_wrote_and_that_it_was_too_short_to_be_compared(self):
        agent = self.start_agent()
        history, html = self.folder / "runs.db", self.folder / "report.html"
        said = self.until_trusted("run", self.plan(agent.url, 1, "error_rate < 1%"), "--history", history, "--html", html)
        self.assertRegex(said.stdout, rf"remembered as run \d+ in {history}\n"
                                      r"too short to be compared: 'plan' \([01] of 8 whole seconds\)\n"
                                      rf"report: {html}\n$")

    def test_a_mistyped_word_is_told_with_what_was_probably_meant(self):
        for program, arguments, meant in (
            (loadlab, ["run", "http://127.0.0.1:1", "--user", "5"], "unknown option '--user'; did you mean '--users'?"),
            (loadlab, ["rnu", "plan.yaml"], "unknown command 'rnu'; did you mean 'run'?"),
            (loadlab, ["run", "127.0.0.1:80"], "as in http://127.0.0.1:80"),
            (costagent, ["serve", "--databse", "x"], "unknown option '--databse'; did you mean '--database'?"),
        ):
            said = program(*arguments)
            self.assertEqual(said.returncode, 2, said)
            self.assertIn(meant, said.stderr)

    def test_where_no_history_is_it_is_told_how_one_is_named(self):
        for arguments in (["history"], ["compare"], ["gate"]):
            said = loadlab(*arguments, "--history", self.folder / "none.db")
            self.assertEqual(said.returncode, 3, said)
            self.assertIn("LOADLAB_HISTORY", said.stderr)
        for word in ("LOADLAB_HISTORY", "out/history.db"):
            self.assertIn(word, loadlab("history", "--help").stdout)

    def test_a_check_that_fails_is_an_error_of_its_own_kind_and_fails_a_bound_on_errors(self):
        agent = self.start_agent()
        plan = self.write("plan.yaml", f"""\
target: {agent.url}
users: 2
duration: 1s
think: 10ms
journeys:  # one step each, as a failed step ends its journey
  - steps: [{{request: GET /health, check: {{header: {{Content-Type: {{contains: json}}}}, json: {{/status: unheard of}}}}}}]
  - steps: [{{request: GET /health, name: sound, check: {{json: {{/status: {{exists: true}}}}, size: < 10KB}}}}]
thresholds: [error_rate < 1%]
""")
        said = self.until_trusted("run", plan, "--json", self.folder / "summary.json")
        self.assertEqual(said.returncode, 1, said)
        kind = 'check: json /status = "unheard of"'
        self.assertIn(kind, said.stdout)
        test = self.read_summary()["tests"][0]
        self.assertEqual(test["errors"], {kind: test["failed_requests"]})
        self.assertGreater(test["failed_requests"], 0)
        sound = next(step for step in test["endpoints"] if step["name"] == "sound")
        self.assertGreater(sound["total_requests"], 0)
        self.assertEqual(sound["failed_requests"], 0)

    def test_a_set_up_that_fails_is_an_error_and_one_that_succeeds_is_counted_apart(self):
        agent = self.start_agent()
        plan = """\
target: {0}
users: 2
duration: 1s
think: 10ms
setup: [{{name: look, request: GET {1}}}]
user_setup: [GET /live]
steps: [GET /health]
teardown: [GET /ready]
"""
        said = loadlab("run", self.write("plan.yaml", plan.format(agent.url, "/gone")), "--json", self.folder / "summary.json")
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("step 'look': status 404", said.stdout)
        self.assertEqual(self.read_summary()["tests"][0]["setup"]["errors"], {"status 404": 1})
        said = self.until_trusted("run", self.write("plan.yaml", plan.format(agent.url, "/health")), "--json",
                                  self.folder / "summary.json")
        self.assertEqual(said.returncode, 0, said)
        test = self.read_summary()["tests"][0]
        self.assertEqual([step["name"] for step in test["endpoints"]], ["GET /health"])
        self.assertEqual([test[errand]["total_requests"] for errand in ("setup", "user_setup", "teardown")], [1, 2, 1])

    def test_a_mistyped_key_is_named_with_its_place_and_the_nearest_one(self):
        plan = self.write("plan.yaml", "target: http://127.0.0.1:1\nusers: 1\ndurration: 1s\njourneys: []\n")
        said = loadlab("run", plan)
        self.assertEqual(said.returncode, 2, said)
        self.assertIn(f"{plan}:3:1:", said.stderr)
        self.assertIn("duration", said.stderr.replace("durration", ""))

    def test_a_target_that_refuses_is_an_error(self):
        said = loadlab("run", f"http://127.0.0.1:{free_port()}/", "--users", "1", "--duration", "1s")
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("refused", said.stdout + said.stderr)

    def test_a_service_killed_in_mid_run_gives_errors_by_kind_and_a_report(self):
        agent = self.start_agent()
        with self.playing(agent.url, seconds=4) as player:
            self.await_requests(agent)
            agent.stop(signal.SIGKILL)
            said = player.communicate(timeout=SECONDS)[0]
        self.assertIn(player.returncode, (1, 4), said)  # a busy machine may make it untrusted as well
        test = self.read_summary()["tests"][0]
        self.assertGreater(test["total_requests"], test["failed_requests"])
        self.assertGreater(test["errors"]["connection refused"], 0)
        self.assertEqual(sum(test["errors"].values()), test["failed_requests"])
        self.assertTrue((self.folder / "report.html").exists())

    def test_both_programs_count_the_same_requests_refused_ones_too(self):
        costagent("sample", "--out", self.folder / "bills", "--days", "60", "--customers", "1", "--resources", "5")
        costagent("ingest", "--database", f"sqlite:{self.folder / 'costs.db'}", "--customer", "acme",
                  *(self.folder / "bills/customer-1").glob("[0-9]*.csv"))
        agent = self.start_agent("--max-in-flight", "1")
        counts = pathlib.Path(__file__).parents[2] / "scripts/request_counts"
        subprocess.run([counts, "save", agent.url, self.folder / "before"], check=True)
        loadlab("run", self.write("plan.yaml", f"""\
target: {agent.url}
users: 8
duration: 1s
journeys:  # one step each, as a failed step ends its journey
  - steps: [GET /health]
  - steps:
      - GET /api/v1/costs?customer_id=acme&group_by=service
  - steps: [GET /jobs/unknown]
  - steps: [POST /costs]
"""), "--json", self.folder / "summary.json")
        subprocess.run([counts, "save", agent.url, self.folder / "after"], check=True)
        self.assertLessEqual({"status 404", "status 405", "status 503"}, set(self.read_summary()["tests"][0]["errors"]))
        compared = subprocess.run([counts, "compare", self.folder / "summary.json", self.folder / "before", self.folder / "after"],
                                  capture_output=True, text=True)
        self.assertEqual(compared.returncode, 0, compared)

    def test_ctrl_c_ends_the_load_and_still_reports(self):
        agent = self.start_agent()
        started = time.monotonic()
        with self.playing(agent.url, seconds=50) as player:
            self.await_requests(agent)
            player.send_signal(signal.SIGINT)
            player.communicate(timeout=SECONDS)
        self.assertLess(time.monotonic() - started, 40)
        self.assertEqual(player.returncode, 3, "what was interrupted has not been carried out as planned")
        self.assertTrue(self.read_summary()["interrupted"])
        self.assertGreater(self.read_summary()["tests"][0]["total_requests"], 0)
        self.assertTrue((self.folder / "report.html").exists())

    def test_a_generator_that_was_held_up_distrusts_itself_whatever_the_target_does_with_connections(self):
        class Closing(http.server.BaseHTTPRequestHandler):  # HTTP/1.0: a connection a request
            def do_GET(self):
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 1000  # what came while the generator was held up comes at once

        server = Server(("127.0.0.1", 0), Closing)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for load in ("users: 20\nthink: 100ms", "rate: 200/s\narrivals: uniform"):
            plan = self.write("plan.yaml", f"target: http://127.0.0.1:{server.server_port}\n{load}\nduration: 3s\nsteps: [GET /]\n")
            with subprocess.Popen([BIN / "loadlab", "run", plan, "--quiet", "--json", self.folder / "summary.json"],
                                  stdout=subprocess.DEVNULL) as player:
                for _ in range(2):
                    time.sleep(0.7)
                    player.send_signal(signal.SIGSTOP)
                    time.sleep(0.5)
                    player.send_signal(signal.SIGCONT)
                player.wait(timeout=SECONDS)
            test = self.read_summary()["tests"][0]
            self.assertEqual(player.returncode, 4, (load, test["trust"]))
            self.assertGreater(test["p99_send_lag_ms"], 200, load)

    def test_a_result_that_cannot_be_written_is_told_and_the_others_are_written(self):
        agent = self.start_agent()
        plan = self.plan(agent.url, 1, "error_rate < 1%")
        with open("/dev/full", "w") as full:
            said = subprocess.run([BIN / "loadlab", "run", plan, "--quiet"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("No space left", said.stderr)
        said = loadlab("run", plan, "--json", "/dev/full", "--html", self.folder / "report.html")
        self.assertEqual(said.returncode, 3, said)
        self.assertTrue((self.folder / "report.html").exists())
        for one, other in (("--json", "--html"), ("--json", "--markdown"), ("--hlog", "--html"), ("--history", "--json")):
            said = loadlab("run", plan, one, self.folder / "same", other, self.folder / "same")
            self.assertEqual(said.returncode, 2, said)
            self.assertIn("name two files", said.stderr)
            self.assertFalse((self.folder / "same").exists(), "nothing is opened before that is known")

    def plan(self, url, seconds, threshold):
        return self.write("plan.yaml", f"""\
target: {url}
users: 4
duration: {seconds}s
think: 10ms
allowed_send_lag: 100ms
allowed_steal: 20%
journeys:
  - name: watcher
    steps: [GET /health]
thresholds:
  - {threshold}
""")

    def command(self, url, seconds, threshold):
        return [BIN / "loadlab", "run", self.plan(url, seconds, threshold), "--json", self.folder / "summary.json",
                "--html", self.folder / "report.html"]

    def play(self, url, seconds, threshold):
        return self.until_trusted(*self.command(url, seconds, threshold)[1:])

    def until_trusted(self, *arguments):
        """A run on a busy machine may rightly be untrusted, which is not what these tests are about."""
        for pause in (0, 0, 1, 2, 5, 10, 20):  # a noisy host is so for a while
            time.sleep(pause)
            said = loadlab(*arguments)
            if said.returncode != 4:
                break
        return said

    def playing(self, url, seconds):
        return subprocess.Popen(self.command(url, seconds, "error_rate < 1%"), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def await_requests(self, agent):
        """Waits until the load has arrived at the service, beyond what starting it took."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            counts = [line for line in agent.get("/metrics").splitlines() if 'route="/health"' in line and "_total" in line]
            if sum(float(line.split()[-1]) for line in counts) > 20:
                return
            time.sleep(0.02)
        self.fail("no load arrived at the service")


if __name__ == "__main__":
    unittest.main()
