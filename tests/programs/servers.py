"""Debian's PostgreSQL and Redis for tests of whole programs: on free ports of 127.0.0.1, in the test's folder, ended by pid."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from programs import free_port

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
REDIS = pathlib.Path("/usr/bin/redis-server")
START_SECONDS = 120  # a server that recovers on a busy disk takes its time


def as_user(name):
    return {"user": name, "group": name, "extra_groups": []} if os.geteuid() == 0 else {}


class Postgres:
    """A real server that is killed and started again on the same data."""

    def __init__(self, folder, log=None):
        self.data, self.log = folder / "postgres", log or folder / "postgres-server.log"
        self.data.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(self.data, "postgres", "postgres")
        self.port = free_port()
        self.process = None
        subprocess.run([POSTGRES / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], check=True,
                       stdout=subprocess.DEVNULL, cwd="/", **as_user("postgres"))
        self.start()
        subprocess.run(["psql", "-X", "-q", f"postgresql://postgres@127.0.0.1:{self.port}/postgres", "-c", "CREATE DATABASE costs"],
                       check=True)

    url = property(lambda self: f"postgresql://postgres@127.0.0.1:{self.port}/costs")

    def start(self):
        deadline = time.monotonic() + START_SECONDS
        self.begin()
        while subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not start:\n" + self.log.read_text(encoding="utf-8", errors="replace")[-2000:])
            if self.process.poll() is not None:  # as long as somebody else has its port, or the shared memory from before
                self.begin()
            time.sleep(0.1)

    def begin(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [POSTGRES / "postgres", "-D", self.data, "-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}", "-c",
                 "unix_socket_directories="], stderr=log, cwd="/", start_new_session=True, **as_user("postgres"))

    def kill(self):
        # With its children, as a machine's end would: the sessions of a killed postmaster would go on for a while. Stopped, so that it has
        # no further ones meanwhile.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGSTOP)
        for child in children(self.process.pid) + [self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.wait()


class Redis:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.start()

    url = property(lambda self: f"redis://127.0.0.1:{self.port}/0")

    def start(self):
        self.process = subprocess.Popen([REDIS, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir",
                                         self.folder], stdout=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()


def children(pid):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            text = entry.read_text()
            if int(text.rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(entry.parent.name))
    return found
