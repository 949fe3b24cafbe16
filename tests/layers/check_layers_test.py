#!/usr/bin/env python3
"""The layer check sees what it is there to see: violations are planted in a small tree and must be reported."""
import pathlib
import tempfile
import unittest

import check_layers


def problems(files):
    """Checks a source tree of {path: text}; the lines it reports, without the folder's own name."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return [line.removeprefix(f"{folder}/") for line in check_layers.check(root)[1]]


class CheckLayers(unittest.TestCase):
    def assert_reported(self, files, *words):
        found = problems(files)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_accepts_what_goes_down_the_layers(self):
        self.assertEqual([], problems({
            "base/clock.h": "#include <chrono>\n",
            "loadlab/net/poller.h": '#include "base/clock.h"\n',
            "loadlab/engine/worker.cc": '#include "loadlab/net/poller.h"\n',
            "loadlab/engine/deeper/part.h": "",
            "loadlab/engine/user.cc": '#include "loadlab/engine/deeper/part.h"\n',
        }))

    def test_reports_file_line_and_reason_of_a_step_up(self):
        self.assert_reported(
            {"base/clock.h": '#pragma once\n\n#  include "stats/histogram.h"\n', "stats/histogram.h": ""},
            "base/clock.h:3:", "base includes stats", "itself")

    def test_reports_a_program_that_includes_the_other(self):
        self.assert_reported(
            {"costagent/cli/main.cc": '#include "loadlab/plan/plan.h"\n', "loadlab/plan/plan.h": ""},
            "costagent/cli/main.cc:1:", "loadlab is for its own program alone")

    def test_reports_folders_of_one_group_that_know_each_other(self):
        self.assert_reported(
            {"costagent/analyze/spike.cc": '#include "costagent/store/sqlite.h"\n', "costagent/store/sqlite.h": ""},
            "costagent/analyze includes costagent/store", "costagent/domain")

    def test_reports_a_report_that_measures(self):
        for folder in ("engine", "net", "protocol", "probe"):
            self.assert_reported(
                {"loadlab/report/html.cc": f'#include "loadlab/{folder}/thing.h"\n', f"loadlab/{folder}/thing.h": ""},
                f"loadlab/report includes loadlab/{folder}")

    def test_reports_paths_that_would_hide_where_they_lead(self):
        files = {"stats/histogram.h": "", "base/clock.h": '#include "../stats/histogram.h"\n'}
        self.assert_reported(files, "base/clock.h:1:")
        files["base/clock.h"] = '#include "histogram.h"\n'
        self.assert_reported(files, "base/clock.h:1:", "not a file below src/")
        files["base/clock.h"] = "#include <stats/histogram.h>\n"
        self.assert_reported(files, "base/clock.h:1:", "angle brackets")

    def test_reports_a_folder_that_nobody_gave_a_place(self):
        self.assert_reported({"loadlab/helpers/strings.h": ""}, "loadlab/helpers/strings.h:1:", "MAY_INCLUDE")

    def test_lets_tests_wire_their_own_program_but_not_the_other(self):
        files = {"costagent/api/server_test.cc": '#include "costagent/store/sqlite.h"\n', "costagent/store/sqlite.h": ""}
        files["costagent/api/shared_test.h"] = '#include "costagent/store/sqlite.h"\n#include "support/x.h"\n'
        self.assertEqual([], problems(files))
        files["costagent/api/server_test.cc"] = '#include "loadlab/plan/plan.h"\n'
        files["loadlab/plan/plan.h"] = ""
        self.assert_reported(files, "loadlab is for its own program alone")

    def test_its_table_has_no_circle(self):
        for folder in check_layers.MAY_INCLUDE:
            reached, next_ones = set(), {folder}
            while next_ones:
                next_ones = {low for high in next_ones for low in check_layers.MAY_INCLUDE[high]} - reached
                reached |= next_ones
            self.assertNotIn(folder, reached, f"{folder} may include itself by way of others")


if __name__ == "__main__":
    unittest.main()
