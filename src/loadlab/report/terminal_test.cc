#include "loadlab/report/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "loadlab/report/live_line.h"
#include "loadlab/report/sample_run.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Compares with a file that was looked at by a person. GOLDEN_UPDATE=1 writes it anew, to be looked at again.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(GOLDEN_FOLDER) + "/" + name;
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(read(path), text) << "if the change is meant: GOLDEN_UPDATE=1, and look at the difference";
}

TEST(TerminalReport, is_the_golden_one) { expect_golden("terminal.txt", terminal_report(sample_run(), {false, 80})); }

TEST(TerminalReport, fits_its_width_and_ends_with_the_verdict) {
  for (const int width : {40, 60, 72, 80, 100, 140}) {
    const std::string text = terminal_report(sample_run(), {false, width});
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
    EXPECT_TRUE(text.ends_with("\nverdict: error\n")) << "the last line is the verdict";
  }
}

// What a person needs most must still be there, and whole.
TEST(TerminalReport, leaves_columns_out_and_stacks_thresholds_where_it_is_narrow) {
  const std::string text = terminal_report(sample_run(), {false, 60});
  for (const char* part : {"                     avg      p95      p99      max\n",
                           "  connection wait  4.00 µs     0 ms   200 µs   200 µs\n",
                           "  step                 requests  errors      p95      p99\n",
                           "  POST /analyze <all>       500      12  22.0 ms  30.9 ms\n",
                           "  ✗ p95(response_time) < 10ms\n    17.5 ms, over by 75.0 %\n",
                           "  ✗ max(response_time of GET /gone) < 1s\n    nothing to measure\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
  EXPECT_NE(terminal_report(sample_run(), {false, 20}), "");
  EXPECT_EQ(terminal_report(sample_run(), {false, 20}), terminal_report(sample_run(), {false, 40}));
}

TEST(TerminalReport, tells_what_leaks_at_a_point_of_a_sweep) {
  RunResult run = sample_run();
  run.tests[4].leaks = run.tests[1].leaks;
  run.tests[4].leaks.findings.at(0).sentence = "workers=2: memory leaks.";
  EXPECT_NE(terminal_report(run, {false, 80}).find("  leaks: workers=2: memory leaks.\n"), std::string::npos);
  run.tests[4].leaks = {{}, "the load was too short"};
  EXPECT_NE(terminal_report(run, {false, 80}).find("  leaks: not judged: the load was too short\n"), std::string::npos);
}

TEST(TerminalReport, colours_only_when_asked) {
  EXPECT_EQ(terminal_report(sample_run(), {false, 80}).find('\033'), std::string::npos);
  EXPECT_NE(terminal_report(sample_run(), {true, 80}).find('\033'), std::string::npos);
}

TEST(LiveLine, shows_what_there_is_room_for) {
  const RunResult run = sample_run();
  Live live;
  live.test = run.tests[0].name;
  live.elapsed_seconds = 15;
  live.planned_seconds = 30;
  live.last = &run.tests[0].series[14];
  live.requests = 750;
  live.errors = 3;
  const std::string wide = live_line(live, 200);
  for (const char* part :
       {"normal load, 50 users", "━━━━━━──────", "15/30 s", "50 users", "/s", "p95 ", "3 errors", "cpu "}) {
    EXPECT_NE(wide.find(part), std::string::npos) << part << " in " << wide;
  }
  for (int width = 0; width < 150; ++width) {
    EXPECT_LE(display_width(live_line(live, width)), static_cast<std::size_t>(std::max(0, width - 1)));
  }
  live.last = nullptr;
  EXPECT_EQ(live_line(live, 200), "normal load, 50 users  ━━━━━━────── 15/30 s");
}

TEST(Headline, says_how_a_test_ended) {
  const RunResult run = sample_run();
  EXPECT_EQ(test_headline(run.tests[2]),
            "  error: the target http://127.0.0.1:8080 can't be reached: Connection refused; is it running?");
  EXPECT_NE(test_headline(run.tests[1]).find("12 errors; interrupted"), std::string::npos)
      << test_headline(run.tests[1]);
}

}  // namespace
}  // namespace loadlab
