#!/usr/bin/env python3
"""An agent with few descriptors, before more clients than it has descriptors for."""
import resource
import socket
import time
import unittest

from programs import SECONDS, ProgramTest

DESCRIPTORS = 96
CLIENTS = 300


def with_few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


class Crowd(ProgramTest):
    def connect(self, agent):
        client = socket.create_connection(("127.0.0.1", int(agent.url.rsplit(":", 1)[1])), timeout=SECONDS)
        self.addCleanup(client.close)
        return client

    def status(self, client, path):
        """0 if the connection has ended instead."""
        try:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: agent\r\n\r\n".encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                part = client.recv(65536)
                if not part:
                    return 0
                answer += part
            return int(answer.split(b" ", 2)[1])
        except (BrokenPipeError, ConnectionResetError):
            return 0

    def test_a_crowd_that_keeps_its_connections_leaves_the_agent_answering(self):
        log = open(self.folder / "agent.log", "w", encoding="utf-8")
        self.addCleanup(log.close)
        agent = self.start_agent(log=log, preexec_fn=with_few_descriptors)
        clients = [self.connect(agent) for _ in range(CLIENTS)]
        for _ in range(3):
            newcomer = self.connect(agent)
            self.assertEqual(self.status(newcomer, "/health"), 200)
            newcomer.close()
        answered = [self.status(client, "/health") for client in clients]
        self.assertLessEqual(set(answered), {0, 200})
        self.assertGreater(answered.count(200), 0)
        for client in clients:
            client.close()
        # Those that went may still be counted for a moment.
        deadline = time.monotonic() + SECONDS
        while self.status(self.connect(agent), "/jobs") != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(agent.stop(), 0)
        told = (self.folder / "agent.log").read_text(encoding="utf-8")
        self.assertIn(f"may have {DESCRIPTORS} descriptors", told)
        self.assertNotIn("Too many open files", told)


if __name__ == "__main__":
    unittest.main()
