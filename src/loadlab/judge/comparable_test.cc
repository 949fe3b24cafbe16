#include "loadlab/judge/comparable.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

TestResult load_of(const std::string& name, int seconds, double warm_up = 0) {
  TestResult test;
  test.name = name;
  test.warm_up_seconds = warm_up;
  for (int i = 0; i < seconds; ++i) test.series.emplace_back().index = i;
  return test;
}

std::string said_of(std::vector<TestResult> tests) {
  RunResult run;
  run.tests = std::move(tests);
  return too_short_to_compare(run);
}

TEST(Comparable, a_load_of_nine_seconds_is_and_one_of_eight_is_not) {
  EXPECT_EQ(said_of({load_of("a", 9)}), "") << "the last one is no part of it";
  EXPECT_EQ(said_of({load_of("a", 8)}), "too short to be compared: 'a' (7 of 8 whole seconds)");
  EXPECT_EQ(said_of({load_of("a", 10, 3)}), "too short to be compared: 'a' (6 of 8 whole seconds)");
  EXPECT_EQ(said_of({load_of("a", 0), load_of("b", 90), load_of("c", 1), load_of("d", 1), load_of("e", 1)}),
            "too short to be compared: 'a' (0 of 8 whole seconds), 'c' (0 of 8 whole seconds), 'd' (0 of 8 whole "
            "seconds) and 1 more");
}

TEST(Comparable, what_is_repeated_three_times_is) {
  TestResult swept;
  swept.name = "swept";
  swept.kind = TestKind::sweep;
  swept.sweep.emplace();
  swept.sweep->points = {{"n=1", {}, 2, {{"requests_per_second", "/s", {1, 2}}}}};
  EXPECT_EQ(said_of({swept}), "too short to be compared: 'swept' (2 of 3 repetitions)");
  swept.sweep->points[0].figures[0].values.push_back(3);
  EXPECT_EQ(said_of({swept}), "");
}

TEST(Comparable, of_what_is_left_out_for_another_reason_nothing_is_said) {
  TestResult broken = load_of("a", 1);
  broken.verdict = Verdict::error;
  TestResult untrusted = load_of("b", 1);
  untrusted.verdict = Verdict::untrusted;
  EXPECT_EQ(said_of({broken, untrusted}), "");
}

}  // namespace
}  // namespace loadlab
