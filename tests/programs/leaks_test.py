#!/usr/bin/env python3
"""Whether connections, to the agent and to its database, come back however clients behave.

    leaks_test.py [REQUESTS]     default: 5000

The same on SQLite and on PostgreSQL, whose own count of sessions must stay below what the agent may have, and which must never have had to
say that there are too many; skipped for it, with a word, where it isn't installed.
"""
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import threading
import time
import unittest

from programs import SECONDS, ProgramTest, costagent
from servers import POSTGRES, Postgres

REQUESTS = 5000
CLIENTS = 8
PATHS = ["/costs?customer_id=acme&group_by=service", "/costs?customer_id=acme&granularity=daily", "/health/detailed", "/jobs/none",
         "/recommendations/none"]
HEADER = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"


class Client(threading.Thread):
    """Asks over a connection that it keeps; one time in a hundred it goes away without waiting for the answer."""

    def __init__(self, port, seed, count):
        super().__init__()
        self.port, self.random, self.count = port, random.Random(seed), count
        self.cancelled = self.answered = self.failed = 0
        self.socket = None

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)
        self.file = self.socket.makefile("rb")

    def disconnect(self):
        self.file.close()
        self.socket.close()
        self.socket = None

    def run(self):
        for _ in range(self.count):
            if self.socket is None:
                self.connect()
            self.socket.sendall(f"GET {self.random.choice(PATHS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if self.random.random() < 0.01:
                self.cancelled += 1
                self.disconnect()
            else:
                self.read_answer()
        if self.socket is not None:
            self.disconnect()

    def read_answer(self):
        status = self.file.readline()
        size = 0
        while (line := self.file.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        self.file.read(size)
        self.answered += 1
        self.failed += not re.match(rb"HTTP/1.1 (200|404) ", status)


class Leaks(ProgramTest):
    def metric(self, agent, name):
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", agent.get("/metrics"), re.MULTILINE)
        self.assertIsNotNone(found, f"there is no metric {name}")
        return float(found.group(1))

    @staticmethod
    def all_returned(agent):
        """By one page: tasks of its own lend sessions, too, from time to time."""
        lent, returned = (re.findall(rf"^db_sessions_{how}_total(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE)
                          for page in [agent.get("/metrics")] for how in ("lent", "returned"))
        return lent == returned and len(lent) == 1

    def wait_for(self, what, holds):
        end = time.monotonic() + SECONDS
        while not holds():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def test_connections_come_back_from_clients_that_go_away(self):
        agent = self.play_and_count(f"sqlite:{self.folder / 'costs.db'}")
        self.assertEqual(agent.stop(), 0)

    @unittest.skipUnless((POSTGRES / "postgres").exists(), "postgresql-15 is not installed; `scripts/setup test` installs it")
    def test_sessions_with_postgresql_come_back_too(self):
        server = Postgres(self.folder, log=self.folder / "postgres.log")
        self.addCleanup(server.kill)
        most = 0

        def count_sessions():
            nonlocal most
            while not ended.wait(0.2):
                said = subprocess.run(["psql", "-X", "-A", "-t", server.url, "-c",
                                       "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"],
                                      capture_output=True, text=True, check=True)
                most = max(most, int(said.stdout))

        ended = threading.Event()
        watcher = threading.Thread(target=count_sessions)
        watcher.start()
        try:
            agent = self.play_and_count(server.url, "--threads", "6", "--database-sessions", "4")
        finally:
            ended.set()
            watcher.join()
        self.assertGreater(most, 0)
        self.assertLessEqual(most, 4)
        self.wait_for("every session that was lent has come back", lambda: self.all_returned(agent))
        self.assertLessEqual(self.metric(agent, "db_sessions_open"), 4)
        self.assertEqual(self.metric(agent, "db_pool_timeouts_total"), 0)
        self.assertEqual(agent.stop(), 0)
        self.assertNotIn("too many", (self.folder / "postgres.log").read_text())

    def play_and_count(self, database, *options):
        bill = self.write("bill.csv", HEADER + "".join(f"S{i % 50},0.1,0.1,USD,Usage,2025-01-{i % 28 + 1:02},AWS\n" for i in range(2000)))
        taken = costagent("ingest", "--database", database, "--customer", "acme", bill)
        self.assertEqual(taken.returncode, 0, taken)
        agent = self.start_agent(*options, database=database)
        port = int(agent.url.rsplit(":", 1)[1])
        descriptors = pathlib.Path(f"/proc/{agent.process.pid}/fd")

        def play(count, seed):
            clients = [Client(port, seed + i, count // CLIENTS) for i in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            self.wait_for("connections are closed", lambda: self.metric(agent, "http_connections") <= 1)
            return clients

        play(CLIENTS * 50, 1000)  # opens what is kept open
        before = len(os.listdir(descriptors))
        clients = play(REQUESTS, 0)
        self.assertGreater(sum(client.cancelled for client in clients), REQUESTS / 400)
        self.assertEqual(sum(client.failed for client in clients), 0)
        self.assertEqual(sum(client.answered + client.cancelled for client in clients), REQUESTS // CLIENTS * CLIENTS)
        self.wait_for("nothing is in flight", lambda: self.metric(agent, "http_requests_in_flight") == 0)
        # What the agent does of its own accord, such as looking for jobs, borrows one for a moment, too.
        self.wait_for("no session is lent", lambda: self.metric(agent, "db_pool_in_use") == 0)
        self.wait_for("nobody waits for a session", lambda: self.metric(agent, "db_pool_waiting") == 0)
        self.assertLessEqual(len(os.listdir(descriptors)), before + CLIENTS, "descriptors come back")
        return agent


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        REQUESTS = int(sys.argv.pop(1))
    unittest.main()
