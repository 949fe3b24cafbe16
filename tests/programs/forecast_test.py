#!/usr/bin/env python3
"""costagent forecast in a pipe: a series goes in, what comes next comes out."""
import datetime
import subprocess
import unittest

from programs import BIN, SECONDS, ProgramTest, costagent


def forecast(text, horizon=3):
    return subprocess.run([BIN / "costagent", "forecast", "--csv", "-", "--horizon", str(horizon)], input=text,
                          capture_output=True, text=True, timeout=SECONDS)


def weekly(days):
    first = datetime.date(2024, 1, 1)
    return "timestamp,value\n" + "".join(
        f"{first + datetime.timedelta(i)},{100 if i % 7 < 5 else 40}\n" for i in range(days))


class Forecast(ProgramTest):
    def test_the_next_days_follow_the_last_and_their_week(self):
        said = forecast(weekly(60), 7)
        self.assertEqual(said.returncode, 0, said.stderr)
        rows = said.stdout.splitlines()
        self.assertEqual(rows[0], "timestamp,forecast,lo80,hi80,lo95,hi95")
        self.assertEqual(len(rows), 8)
        self.assertEqual(rows[1].split(",")[0], "2024-03-01")
        for row, expected in zip(rows[1:], (100, 40, 40, 100, 100, 100, 100)):
            self.assertAlmostEqual(float(row.split(",")[1]), expected, delta=1)

    def test_the_same_comes_of_a_file_as_of_a_pipe(self):
        file = self.folder / "costs.csv"
        file.write_text(weekly(60))
        self.assertEqual(costagent("forecast", "--csv", file, "--horizon", "7").stdout, forecast(weekly(60), 7).stdout)

    def test_times_are_written_as_the_last_row_writes_its_own(self):
        rows = "".join(f"2024-01-{day:02} 00:00:00+02:00,{day}\n" for day in range(1, 30))
        said = forecast("Timestamp,Value\n" + rows, 3)
        self.assertEqual(said.stderr, "")
        self.assertEqual([row.split(",")[0] for row in said.stdout.splitlines()[1:]],
                         ["2024-01-30 00:00:00+02:00", "2024-01-31 00:00:00+02:00", "2024-02-01 00:00:00+02:00"])

    def test_rows_with_the_same_time_are_named_and_the_last_counts(self):
        said = forecast(weekly(30) + "2024-01-30,1\n2024-01-30,100\n", 3)
        self.assertEqual(said.returncode, 0)
        self.assertEqual(said.stdout, forecast(weekly(30), 3).stdout)
        self.assertIn("standard input: lines 32, 33 have the time of the row before; of such rows the last counts",
                      said.stderr)

    def test_what_is_wrong_is_the_callers_to_mend(self):
        self.assertRegex(forecast("timestamp,value\n2024-01-01,1\n2024-01-02,many\n").stderr, "line 3: 'many' is no number")
        self.assertIn("standard input, line 1: a header with the columns timestamp and value is needed, not: 2024-01-01,1",
                      forecast("2024-01-01,1\n2024-01-02,1\n").stderr)
        for text in ("", "timestamp,value\n", "timestamp,value\n2024-01-01,\n", "a,b\n1,2,3\n"):
            self.assertEqual(forecast(text).returncode, 2, text)
        self.assertEqual(costagent("forecast", "--csv", self.folder / "none.csv").returncode, 2)
        for horizon in (0, 10001):
            self.assertEqual(forecast(weekly(30), horizon).returncode, 2)


if __name__ == "__main__":
    unittest.main()
