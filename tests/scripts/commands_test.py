#!/usr/bin/env python3
"""The commands that a newcomer types: what they say, how they end, and what they leave alone."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]


def call(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **options)


class Commands(unittest.TestCase):
    def test_each_explains_itself_from_any_folder(self):
        for command in ("run", "test", "scripts/setup", "scripts/request_counts"):
            said = call(ROOT / command, "--help", cwd="/")
            self.assertEqual(said.returncode, 0, said)
            self.assertIn("Exit codes" if command != "run" else "exit code", said.stdout)
            self.assertEqual(said.stderr, "")

    def test_a_mistyped_word_is_named_and_ends_with_2(self):
        for command, wrong in (("run", "ful"), ("scripts/setup", "bulid"), ("scripts/request_counts", "weight")):
            said = call(ROOT / command, wrong)
            self.assertEqual(said.returncode, 2, said)
            self.assertNotEqual(said.stderr, "")
            self.assertEqual(said.stdout, "")

    def test_what_was_probably_meant_is_said(self):
        for wrong, meant in (
            ("--databse", "unknown option '--databse'; did you mean '--database'?"),
            ("--chache=redis", "unknown option '--chache'; did you mean '--cache'?"),
            ("ful", "there is no form 'ful'; it is quick or full; did you mean 'full'?"),
            ("--nonsense", "unknown option '--nonsense' (./run --help)"),
        ):
            said = call(ROOT / "run", wrong)
            self.assertEqual(said.returncode, 2, said)
            self.assertIn(meant, said.stderr)
        self.assertIn("--cache can't be 'radis'", call(ROOT / "run", "--cache=radis").stderr)


class Setup(unittest.TestCase):
    """Of a copy of scripts/ in a folder with a space, so that the list of packages can be another."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="with space ")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.root.chmod(0o755)
        shutil.copytree(ROOT / "scripts", self.root / "scripts")

    def want(self, *packages):
        (self.root / "scripts/packages.txt").write_text("".join(f"build  {name}  for a test\n" for name in packages))

    def test_does_and_says_nothing_when_all_is_there(self):
        self.want("dpkg", "bash")
        said = call(self.root / "scripts/setup", "build")
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, "", ""))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody without rights")
    def test_names_the_whole_command_where_it_may_not_install(self):
        self.want("dpkg", "no-such-package-anywhere")
        said = call("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", self.root / "scripts/setup", "build")
        self.assertEqual(said.returncode, 3)
        self.assertEqual(len(said.stderr.splitlines()), 1)
        self.assertIn("apt-get install -y --no-install-recommends no-such-package-anywhere\n", said.stderr)

    def test_every_line_of_the_list_has_a_reason(self):
        lines = [line for line in (ROOT / "scripts/packages.txt").read_text().splitlines() if line and line[0] != "#"]
        self.assertTrue(lines)
        for line in lines:
            self.assertGreaterEqual(len(line.split()), 3, line)


class Steps(unittest.TestCase):
    """scripts/lib.sh, as ./run and ./test use it."""

    def script(self, text, log):
        return call("bash", "-c", f'set -euo pipefail; program=t; source "{ROOT}/scripts/lib.sh"; {text}', "bash", log)

    def test_keep_output_in_the_log_and_hand_on_the_exit_code(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "new folder" / "log"
            said = self.script('step "a thing" "$1" bash -c "echo loud; echo wrong >&2; exit 7"; echo unreached', log)
            self.assertEqual(said.returncode, 7)
            self.assertRegex(said.stdout, r"^a thing: failed after \d+ s \(exit code 7\)\n$")
            self.assertEqual(log.read_text(), "loud\nwrong\n")

    def test_write_plain_lines_where_there_is_no_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            said = self.script('step "a thing" "$1" true', pathlib.Path(folder) / "log")
            self.assertRegex(said.stdout, r"^a thing: done in \d+ s\n$")

    def test_read_how_far_ninja_and_ctest_are(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            for text, done in (("[3/40] Building a/b.cc\n", "3/40"), (" 7/12 Test  #7: x .. Passed\n", "7/12"), ("-\n", "")):
                log.write_text("[1/40] Building\n" * 3 + text if done else text)
                self.assertEqual(self.script('fraction_done "$1"', log).stdout, done)


if __name__ == "__main__":
    unittest.main()
