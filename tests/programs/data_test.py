#!/usr/bin/env python3
"""loadlab's variables and data from end to end: what reaches the target, and what must never be shown."""
import collections
import http.server
import json
import os
import subprocess
import threading
import unittest
import urllib.parse

from programs import BIN, SECONDS, ProgramTest, free_port

SECRET = "hunter2 &\"<s3cret>"


class Recorder(http.server.ThreadingHTTPServer):
    """Keeps what it was asked, and answers 200, or 404 below /missing."""

    def __init__(self):
        self.paths = collections.Counter()
        self.tokens = collections.Counter()
        self.bodies = collections.Counter()
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                recorder.paths[self.path] += 1
                recorder.tokens[self.headers.get("Authorization")] += 1
                recorder.bodies[body.decode()] += 1
                self.send_response(404 if self.path.startswith("/missing") else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)


class Data(ProgramTest):
    def setUp(self):
        super().setUp()
        self.recorder = Recorder()
        threading.Thread(target=self.recorder.serve_forever, daemon=True).start()
        self.addCleanup(self.recorder.server_close)
        self.addCleanup(self.recorder.shutdown)
        self.url = f"http://127.0.0.1:{self.recorder.server_port}"

    def play(self, plan, *arguments, target=None, environment=None):
        """Everything that a run says and writes, by where; its exit code is under `code`."""
        files = {kind: self.folder / f"out.{kind}" for kind in ("json", "html", "hlog")}
        for file in files.values():
            file.unlink(missing_ok=True)
        written = [word for kind, file in files.items() for word in (f"--{kind}", file)]
        said = subprocess.run([BIN / "loadlab", "run", self.write("plan.yaml", f"target: {target or self.url}\n{plan}"), *written,
                               *arguments], capture_output=True, text=True, timeout=SECONDS,
                              env={**os.environ, **(environment or {})})
        outputs = {"code": said.returncode, "stdout": said.stdout, "stderr": said.stderr}
        outputs.update({kind: file.read_text() for kind, file in files.items() if file.exists()})
        return outputs

    def assert_silent(self, outputs):
        for where, text in outputs.items():
            for form in (SECRET, urllib.parse.quote(SECRET), json.dumps(SECRET)[1:-1], "hunter2", "s3cret"):
                self.assertNotIn(form, str(text), where)

    SECRETS = """
variables: {token: {env: API_TOKEN}, key: {value: unset, secret: true}}
users: 4
iterations: 20
journeys:
  - steps:
      - request: POST /login?key=$(key)
        name: log in with $(token)
        headers: {Authorization: Bearer $(token)}
        json: {token: $(token)}
  - steps: [GET /missing/$(token)]
  - steps: [{request: GET /, check: {body: {contains: $(token)}}}]
thresholds: [error_rate of log in with $(token) < 1%, count(requests) > 100]
"""

    def test_a_secret_is_sent_and_shown_nowhere(self):
        outputs = self.play(self.SECRETS, "-e", f"key={SECRET}", environment={"API_TOKEN": SECRET})
        self.assertIn(outputs["code"], (1, 4), outputs)
        self.assertGreater(self.recorder.tokens[f"Bearer {SECRET}"], 0, "it is sent")
        self.assertGreater(self.recorder.bodies[json.dumps({"token": SECRET}, separators=(",", ":"))], 0)
        quoted = urllib.parse.quote(SECRET, safe="")
        self.assertGreater(self.recorder.paths[f"/login?key={quoted}"], 0)
        self.assertGreater(self.recorder.paths[f"/missing/{quoted}"], 0)
        self.assertEqual({"json", "html", "hlog"} - set(outputs), set())
        self.assertIn("log in with $(token)", outputs["json"])
        self.assertIn("status 404", outputs["json"])
        self.assertIn("contains", outputs["json"])
        self.assert_silent(outputs)

    def test_no_error_shows_a_secret(self):
        environment = {"API_TOKEN": SECRET}
        outputs = self.play(self.SECRETS, target=f"http://127.0.0.1:{free_port()}", environment=environment)
        self.assertEqual(outputs["code"], 3, outputs)
        self.assert_silent(outputs)
        for plan, arguments in ((self.SECRETS + "bogus: $(token)\n", ()),
                                (self.SECRETS.replace("GET /missing/", "GET http://"), ()),
                                (self.SECRETS, ("-e", f"keys={SECRET}")), (self.SECRETS, ("-e", SECRET)),
                                (self.SECRETS, ("-e", f"={SECRET}"))):
            outputs = self.play(plan, *arguments, environment=environment)
            self.assertEqual(outputs["code"], 2, outputs)
            self.assertNotEqual(outputs["stderr"], "")
            self.assert_silent(outputs)

    def test_what_the_environment_lacks_is_told_with_its_place(self):
        outputs = self.play("variables: {token: {env: NOT_SET_ANYWHERE}}\nusers: 1\nsteps: [GET /]\n")
        self.assertEqual(outputs["code"], 2)
        self.assertIn("plan.yaml:2:26: token: the environment has no 'NOT_SET_ANYWHERE'", outputs["stderr"])

    def test_each_row_reaches_the_target_once_and_the_report_says_so(self):
        (self.folder / "rows.csv").write_text("id\n" + "".join(f"r {i}\n" for i in range(40)))
        outputs = self.play("""
data: {rows: {file: rows.csv, order: once}}
users: 7
threads: 2
duration: 50s
steps: ["GET /$(rows.id)?$(counter())"]
""")
        self.assertIn(outputs["code"], (0, 4), outputs)
        asked = collections.Counter(path.split("?")[0] for path in self.recorder.paths.elements() if path != "/")
        self.assertEqual(asked, collections.Counter({f"/r%20{i}": 1 for i in range(40)}))
        self.assertEqual(sorted(int(path.split("?")[1]) for path in self.recorder.paths), list(range(1, 41)))
        self.assertEqual(json.loads(outputs["json"])["tests"][0]["iterations"], 40)
        for where in ("stdout", "json", "html"):
            self.assertIn("each of its 40 rows was given out once", " ".join(outputs[where].split()), where)


if __name__ == "__main__":
    unittest.main()
