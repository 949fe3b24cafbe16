#!/usr/bin/env python3
"""costagent detect in a pipe: what goes in comes out with a score, row by row."""
import os
import select
import subprocess
import unittest

from programs import BIN, SECONDS, ProgramTest, costagent


def detect(text):
    return subprocess.run([BIN / "costagent", "detect", "--csv", "-"], input=text, capture_output=True, text=True,
                          timeout=SECONDS)


class Detect(ProgramTest):
    def test_rows_come_out_as_they_went_in_with_a_score(self):
        said = detect("value,host,timestamp\n1,a,2024-01-01 00:00:00\n,a,2024-01-01 00:05:00\n"
                      "nan,a,2024-01-01T00:10:00Z\n1e999,a,1704067200\n")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(said.stdout, "timestamp,value,score\n2024-01-01 00:00:00,1,0.000000\n"
                         "2024-01-01 00:05:00,,0.000000\n2024-01-01T00:10:00Z,nan,0.000000\n1704067200,1e999,0.000000\n")

    def test_a_spike_scores_more_than_what_came_before(self):
        rows = [f"{1704067200 + 300 * i},{50 + i * 7919 % 11}" for i in range(1000)]
        rows[900] = f"{1704067200 + 300 * 900},400"
        file = self.folder / "metric.csv"
        file.write_text("timestamp,value\n" + "\n".join(rows) + "\n")
        said = costagent("detect", "--csv", file)
        scores = [float(row.split(",")[2]) for row in said.stdout.splitlines()[1:]]
        self.assertEqual(len(scores), 1000)
        self.assertGreaterEqual(scores[900], 0.5)
        self.assertLess(max(scores[300:900]), scores[900])

    def test_rows_that_cannot_be_read_are_named_and_the_rest_is_scored(self):
        said = detect("timestamp,value\n2024-01-01,1\nyesterday,2\n2024-01-03,many\n2024-01-04\n2024-01-05,5\n")
        self.assertEqual(said.returncode, 1)
        self.assertEqual(len(said.stdout.splitlines()), 3)
        for line, word in ((3, "timestamp"), (4, "number"), (5, "column")):
            self.assertRegex(said.stderr, f"line {line}: .*{word}")

    def test_a_missing_header_or_file_is_the_callers_to_mend(self):
        for text in ("", "2024-01-01,1\n", "time,value\n2024-01-01,1\n"):
            said = detect(text)
            self.assertEqual(said.returncode, 2)
            self.assertIn("standard input, line 1: a header with the columns timestamp and value is needed", said.stderr)
        self.assertEqual(costagent("detect", "--csv", self.folder / "none.csv").returncode, 2)

    def test_rows_whose_time_does_not_rise_are_named_and_scored_all_the_same(self):
        rows = "".join(f"2024-01-{day:02},5\n" for day in range(20, 2, -1))
        said = detect("Timestamp,VALUE\n" + rows + "2024-01-03,5\n")
        self.assertEqual(said.returncode, 0)
        self.assertEqual(len(said.stdout.splitlines()), 20)
        told = said.stderr.splitlines()
        self.assertEqual(len(told), 6, said.stderr)
        self.assertIn("line 3: its time is not after that of the row before: 2024-01-19,5", told[0])
        self.assertIn("and 13 more rows", told[5])

    def test_every_row_is_answered_before_the_next_is_asked(self):
        with subprocess.Popen([BIN / "costagent", "detect", "--csv", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as agent:
            agent.stdin.write(b"timestamp,value\n")
            for i in range(3):
                agent.stdin.write(b"2024-01-0%d,%d\n" % (i + 1, i))
                agent.stdin.flush()
                answer = b""
                while b"2024-01-0%d," % (i + 1) not in answer:
                    self.assertTrue(select.select([agent.stdout], [], [], SECONDS)[0], "no answer")
                    answer += os.read(agent.stdout.fileno(), 4096)
            agent.stdin.close()
            self.assertEqual(agent.wait(SECONDS), 0)


if __name__ == "__main__":
    unittest.main()
