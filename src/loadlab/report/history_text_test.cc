#include "loadlab/report/history_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace loadlab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunRecord run(std::int64_t id, RunState state, Verdict verdict) {
  RunRecord record;
  record.id = id;
  record.suite = "shop";
  record.commit = "0123456789abcdef";
  record.started = base::UtcTime(std::chrono::hours(490'000));
  record.state = state;
  record.verdict = verdict;
  record.tests.resize(2);
  record.tests[0].name = "normal";
  record.tests[0].ended = true;
  record.tests[0].verdict = Verdict::pass;
  record.tests[0].seconds = 61;
  return record;
}

FigureComparison figure(const char* name, double before, double now, Change change) {
  FigureComparison one;
  one.test = "normal";
  one.figure = name;
  one.before = before;
  one.now = now;
  one.low = now - before - 1;
  one.high = now - before + 1;
  one.detectable = 2;
  one.change = change;
  return one;
}

RunComparison comparison() {
  RunComparison result;
  result.figures = {figure("p95_response_time_ms", 10, 15, Change::worse),
                    figure("error_rate_percent", 0, 0.5, Change::unclear),
                    figure("requests_per_second", 100, 100, Change::same)};
  result.notes = {"a note"};
  return result;
}

TEST(HistoryText, a_line_a_run_says_when_what_and_what_came_of_it) {
  const std::string text =
      runs_text(std::vector{run(12, RunState::ended, Verdict::fail), run(11, RunState::killed, Verdict::error)});
  EXPECT_THAT(text, HasSubstr("    12  2025-11-24T16:00:00Z  fail       1 of 2        0123456789a…  shop\n"));
  EXPECT_THAT(text, HasSubstr("    11  2025-11-24T16:00:00Z  killed "));
  EXPECT_EQ(runs_text({}), "no runs\n");
  const auto json = boost::json::parse(runs_json(std::vector{run(12, RunState::playing, Verdict::error)}));
  EXPECT_EQ(json.at_pointer("/runs/0/state"), "playing");
  EXPECT_EQ(json.at_pointer("/runs/0/tests/0/verdict"), "pass");
  EXPECT_TRUE(json.at_pointer("/runs/0/tests/1/verdict").is_null());
}

TEST(HistoryText, a_comparison_tells_each_figure_by_how_much_and_how_surely) {
  const auto now = run(12, RunState::ended, Verdict::pass);
  const std::vector earlier{run(10, RunState::ended, Verdict::pass), run(11, RunState::ended, Verdict::pass)};
  const std::string text = comparison_text(now, earlier, comparison(), false);
  EXPECT_THAT(text, HasSubstr("run 12 against the mean of runs 10, 11\n\n"));
  EXPECT_THAT(text, HasSubstr("95 % confidence interval  detectable\n"));
  EXPECT_THAT(text, HasSubstr("Detectable is the\nsmallest difference"));
  EXPECT_THAT(text, HasSubstr("+50.0 %"));
  EXPECT_THAT(text, HasSubstr("+40.0 % … +60.0 %"));
  EXPECT_THAT(text, HasSubstr("worse"));
  EXPECT_THAT(text, HasSubstr("can't tell"));
  EXPECT_THAT(text, HasSubstr("note: a note"));
  const std::string changes = comparison_text(now, earlier, comparison(), true);
  EXPECT_THAT(changes, HasSubstr("p95_response_time_ms"));
  EXPECT_THAT(changes, Not(HasSubstr("requests_per_second")));
  RunComparison none = comparison();
  none.figures.erase(none.figures.begin());
  EXPECT_THAT(comparison_text(now, earlier, none, true), HasSubstr("nothing is surely better or worse"));
  EXPECT_THAT(comparison_text(now, earlier, {}, true), HasSubstr("nothing could be compared"));
}

TEST(HistoryText, figures_of_long_steps_stand_in_line_and_apart) {
  RunComparison found = comparison();
  const std::string step = "GET /costs?customer_id=acme&group_by=region&start_date=2026-01-01";
  for (const char* end : {"1: p95_response_time_ms", "2: p95_response_time_ms", ": error_rate_percent"})
    found.figures.push_back(figure((step + end).c_str(), 1, 1.0001, Change::same));
  const std::string text = comparison_text(run(2, RunState::ended, Verdict::pass),
                                           std::vector{run(1, RunState::ended, Verdict::pass)}, found, false);
  EXPECT_THAT(text, HasSubstr("GET /costs?customer_id=acme&gr…-01-011: p95_response_time_ms     1.00 ms"));
  EXPECT_THAT(text, HasSubstr("GET /costs?customer_id=acme&gr…-01-012: p95_response_time_ms     1.00 ms"));
  EXPECT_THAT(text, HasSubstr("error_rate_percent      1.00 %      1.00 %      0.0 %"));
}

TEST(HistoryText, a_comparison_tells_what_became_of_both_runs_and_how_long_they_took) {
  auto now = run(12, RunState::ended, Verdict::fail);
  now.tests[1].name = "new";
  now.tests[1].seconds = 7;
  const std::vector earlier{run(11, RunState::ended, Verdict::pass)};
  const std::string text = comparison_text(now, earlier, comparison(), true);
  EXPECT_THAT(text, HasSubstr("   run  verdict    tests    played  started (UTC)         commit\n"
                              "    12  fail           1    61.0 s  2025-11-24T16:00:00Z  0123456789a…\n"
                              "    11  pass           1    61.0 s  2025-11-24T16:00:00Z  0123456789a…\n"))
      << "of the tests that both have";
  const auto json = boost::json::parse(comparison_json(now, earlier, comparison()));
  EXPECT_EQ(json.at_pointer("/runs/0/run"), 12);
  EXPECT_EQ(json.at_pointer("/runs/0/state"), "fail");
  EXPECT_EQ(json.at_pointer("/runs/1/state"), "pass");
  EXPECT_EQ(json.at_pointer("/runs/1/seconds").to_number<double>(), 61);
}

TEST(HistoryText, a_comparison_for_programs_has_all_of_it) {
  const auto json = boost::json::parse(comparison_json(
      run(12, RunState::ended, Verdict::pass), std::vector{run(11, RunState::ended, Verdict::pass)}, comparison()));
  EXPECT_EQ(json.at_pointer("/schema"), "loadlab.comparison/1");
  EXPECT_EQ(json.at_pointer("/earlier/0"), 11);
  EXPECT_EQ(json.at_pointer("/figures/0/change"), "worse");
  EXPECT_EQ(json.at_pointer("/figures/0/difference_percent").to_number<double>(), 50);
  EXPECT_TRUE(json.at_pointer("/figures/1/difference_percent").is_null()) << "of nothing";
  EXPECT_EQ(json.at_pointer("/notes/0"), "a note");
}

}  // namespace
}  // namespace loadlab
