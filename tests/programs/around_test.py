#!/usr/bin/env python3
"""What a plan does around a load, with real processes: nothing is left behind, however a run ends."""
import contextlib
import os
import pathlib
import signal
import subprocess
import time
import unittest

from programs import BIN, SECONDS, ProgramTest, loadlab

PLAN = f"""\
target: http://127.0.0.1:$(port)
ports: [port]
users: 2
think: 10ms
variables: {{length: 1s}}
duration: $(length)
before: ['echo $LOADLAB_DIR > folder; {BIN}/costagent sample --out $LOADLAB_DIR/bills --days 30 --customers 1 --resources 3 > /dev/null']
start:
  - name: agent
    run: {BIN}/costagent serve --listen 127.0.0.1:$(port) --database "sqlite:$LOADLAB_DIR/costs.db"
    ready: GET /ready
  - {{name: helper, watch: false, run: 'sleep 1000 & echo $! > child; echo $LOADLAB_STARTED_AGENT > agent; wait'}}
at: [{{time: 200ms, name: a glance, run: 'kill -0 $LOADLAB_STARTED_AGENT && echo begun > begun'}}]
verify: [{{name: the agent lives, run: 'kill -0 $LOADLAB_STARTED_AGENT && echo yes'}}]
after: [touch after]
steps: [GET /health]
thresholds: [max(memory) < 1GB, error_rate < 1%]
"""


def lives(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


class Around(ProgramTest):
    def number(self, name):
        return int((self.folder / name).read_text())

    def assert_nothing_is_left(self):
        for name in ("agent", "child"):
            self.assertFalse(lives(self.number(name)), name)
        self.assertFalse(pathlib.Path((self.folder / "folder").read_text().strip()).exists())

    def assert_all_end(self):
        """What is started, and what that has started, once loadlab itself has ended."""
        end = time.monotonic() + SECONDS
        while any(lives(self.number(name)) for name in ("agent", "child")) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse(lives(self.number("agent")))
        self.assertFalse(lives(self.number("child")))

    def playing(self, *options):
        """A run of a minute, once its load has begun."""
        player = subprocess.Popen([BIN / "loadlab", "run", self.write("plan.yaml", PLAN), "-e", "length=60s", *options],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(player.stdout.close)
        self.addCleanup(player.wait)
        self.addCleanup(player.kill)
        end = time.monotonic() + SECONDS
        while not (self.folder / "begun").exists() and player.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        return player

    def test_a_plan_brings_its_agent_along(self):
        said = loadlab("run", self.write("plan.yaml", PLAN), "--json", self.folder / "summary.json", "--html", self.folder / "report.html")
        self.assertIn(said.returncode, (0, 4), said)  # a busy machine may make it untrusted
        test = self.read_summary()["tests"][0]
        self.assertIsNone(test["failure"])
        self.assertIn("costagent (pid ", test["resources"]["target"])
        self.assertEqual([(one["name"], one["passed"], one["observed"]) for one in test["verifications"]], [("the agent lives", True, "yes")])
        self.assertEqual([(one["name"], one["ending"]) for one in test["events"]], [("a glance", "exited with 0")])
        self.assertTrue((self.folder / "after").exists())
        self.assert_nothing_is_left()

    def test_an_interrupt_leaves_nothing_behind_and_cleans_up(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            (self.folder / "begun").unlink(missing_ok=True)
            (self.folder / "after").unlink(missing_ok=True)
            player = self.playing()
            player.send_signal(number)
            self.assertEqual(player.wait(SECONDS), 3, player.stdout.read())
            self.assert_nothing_is_left()
            self.assertTrue((self.folder / "after").exists(), number)

    def test_a_second_interrupt_ends_everything_at_once(self):
        player = self.playing()
        # What neither hears SIGTERM nor ends by itself keeps the first one waiting.
        os.kill(self.number("agent"), signal.SIGSTOP)
        player.send_signal(signal.SIGINT)
        time.sleep(0.3)
        player.send_signal(signal.SIGINT)
        self.assertEqual(player.wait(SECONDS), 130)
        self.assert_all_end()

    def test_what_was_started_ends_with_a_loadlab_that_is_killed(self):
        for held_up in (False, True):
            (self.folder / "begun").unlink(missing_ok=True)
            player = self.playing()
            if held_up:  # it would not hear anything else
                os.kill(self.number("agent"), signal.SIGSTOP)
            player.kill()
            player.wait(SECONDS)
            self.assert_all_end()

    def test_an_agent_that_dies_is_told_with_its_last_words(self):
        plan = PLAN.replace("kill -0 $LOADLAB_STARTED_AGENT && echo begun > begun", "kill -KILL $LOADLAB_STARTED_AGENT")
        said = loadlab("run", self.write("plan.yaml", plan))
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("The process 'agent', which was started for it, was ended by signal 9", said.stdout)
        self.assertIn("listening on http://127.0.0.1:", said.stdout)
        self.assertTrue((self.folder / "after").exists())
        self.assert_nothing_is_left()

    def test_an_agent_that_cannot_start_is_told_with_what_it_printed(self):
        said = loadlab("run", self.write("plan.yaml", PLAN.replace("--listen", "--lisden")))
        self.assertEqual(said.returncode, 3, said)
        self.assertIn("start: 'agent' exited with 2 before it was ready. The last it printed:", said.stdout)
        self.assertIn("--lisden", said.stdout)


if __name__ == "__main__":
    unittest.main()
