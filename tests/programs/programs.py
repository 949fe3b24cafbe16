"""Runs the real costagent and loadlab for tests: in temporary folders, on 127.0.0.1, ended by pid."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

BIN = pathlib.Path(os.environ.get("PROGRAMS", pathlib.Path(__file__).parents[2] / "build/release/bin"))
SECONDS = 60  # more than any of these calls may take on a busy machine; a hang is a failure


def costagent(*arguments):
    return subprocess.run([BIN / "costagent", *arguments], capture_output=True, text=True, timeout=SECONDS)


def loadlab(*arguments):
    return subprocess.run([BIN / "loadlab", *arguments], capture_output=True, text=True, timeout=SECONDS)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Agent:
    """A costagent that serves a month of generated bills."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = open(folder / "service.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [BIN / "costagent", "serve", "--listen", self.url.removeprefix("http://"), "--database",
             f"sqlite:{folder / 'costs.db'}"],
            stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=SECONDS) as answer:
            return answer.read().decode()

    def wait_until_ready(self):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                return self.get("/health")
            time.sleep(0.02)
        raise AssertionError(f"costagent does not serve: {pathlib.Path(self.log.name).read_text()}")

    def stop(self, how=signal.SIGTERM):
        """Ends it and gives its exit code."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class ProgramTest(unittest.TestCase):
    """Gives each test a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="programs ")  # with a space, as people have them
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start_agent(self):
        agent = Agent(self.folder)
        self.addCleanup(agent.close)
        agent.wait_until_ready()
        return agent

    def read_summary(self):
        return json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
