"""Runs the real costagent and loadlab for tests: in temporary folders, on 127.0.0.1, ended by pid."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.request

BIN = pathlib.Path(os.environ.get("PROGRAMS", pathlib.Path(__file__).parents[2] / "build/release/bin"))
SECONDS = 60  # more than any of these calls may take on a busy machine; a hang is a failure


def costagent(*arguments):
    return subprocess.run([BIN / "costagent", *arguments], capture_output=True, text=True, timeout=SECONDS)


def loadlab(*arguments):
    return subprocess.run([BIN / "loadlab", *arguments], capture_output=True, text=True, timeout=SECONDS)


def free_port():
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Agent:
    """A costagent that serves from a database of its own; what it logs goes to `log`, an open file."""

    def __init__(self, folder, *options, log=subprocess.DEVNULL, listen="127.0.0.1:0", database=None, **how):
        database = database or f"sqlite:{folder / 'costs.db'}"
        self.process = subprocess.Popen(
            [BIN / "costagent", "serve", "--listen", listen, "--database", database, *options],
            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True, **how)
        said = self.process.stdout.readline()  # once it listens; nothing if it ended instead
        assert "listening on http://" in said, f"costagent does not serve: {said}"
        self.url = said.split()[-1]

    def get(self, path, timeout=SECONDS):
        with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
            return answer.read().decode()

    def stop(self, how=signal.SIGTERM):
        """Ends it and gives its exit code."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


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

    def start_agent(self, *options, **how):
        agent = Agent(self.folder, *options, **how)
        self.addCleanup(agent.close)
        return agent

    def read_summary(self):
        return json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
