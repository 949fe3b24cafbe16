#include "loadlab/judge/verdict.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

TestResult carried_out() {
  TestResult test;
  test.total.requests = 200;
  test.total.failed = 10;
  for (int i = 0; i < 200; ++i) {
    test.total.timings.response.record(10ms);
    test.total.timings.send_lag.record(0ms);
  }
  return test;
}

loadlab::Test plan_with(std::initializer_list<const char*> thresholds) {
  loadlab::Test plan;
  for (const char* expression : thresholds) plan.thresholds.push_back(parse_threshold(expression).value());
  return plan;
}

Verdict judged(const loadlab::Test& plan, TestResult test = carried_out()) {
  judge(plan, test);
  return test.verdict;
}

TEST(Verdict, an_interrupted_run_has_not_been_carried_out) {
  RunResult run;
  run.tests.resize(1);
  EXPECT_EQ(verdict_of(run), Verdict::pass);
  run.interrupted = true;
  EXPECT_EQ(verdict_of(run), Verdict::error);
}

TEST(Verdict, a_test_passes_when_every_threshold_does) {
  EXPECT_EQ(judged(plan_with({})), Verdict::pass);
  EXPECT_EQ(judged(plan_with({"p95(response_time) < 20ms", "error_rate < 6%"})), Verdict::pass);
  EXPECT_EQ(judged(plan_with({"p95(response_time) < 20ms", "error_rate < 5%"})), Verdict::fail);
  EXPECT_EQ(judged(plan_with({"avg(cpu) < 80%"})), Verdict::fail) << "nothing to measure does not pass";
}

TEST(Verdict, a_warning_fails_nothing) {
  loadlab::Test plan = plan_with({"error_rate < 1%"});
  plan.thresholds[0].severity = Severity::warn;
  TestResult test = carried_out();
  judge(plan, test);
  EXPECT_EQ(test.verdict, Verdict::pass);
  EXPECT_FALSE(test.thresholds[0].passed);
  EXPECT_TRUE(test.thresholds[0].warn_only);
}

TEST(Verdict, a_target_that_gives_no_good_answer_fails_unless_the_plan_speaks_of_errors) {
  TestResult dead = carried_out();
  dead.total.failed = dead.total.requests;
  TestResult judged_dead = dead;
  judge(plan_with({"p95(response_time) < 20ms"}), judged_dead);
  EXPECT_EQ(judged_dead.verdict, Verdict::fail);
  ASSERT_EQ(judged_dead.thresholds.size(), 2u);
  EXPECT_EQ(judged_dead.thresholds[1].expression, "error_rate < 100%");
  EXPECT_EQ(judged_dead.thresholds[1].observed, 100);
  EXPECT_EQ(judged(plan_with({}), dead), Verdict::fail);
  EXPECT_EQ(judged(plan_with({"error_rate <= 100%"}), dead), Verdict::pass) << "then it is meant";
  dead.total.failed -= 1;
  EXPECT_EQ(judged(plan_with({}), dead), Verdict::pass);
}

TEST(Verdict, untrusted_comes_before_fail_and_error_before_both) {
  TestResult late = carried_out();
  for (int i = 0; i < 200; ++i) late.total.timings.send_lag.record(50ms);
  EXPECT_EQ(judged(plan_with({"error_rate < 1%"}), late), Verdict::untrusted);
  late.failure = "the target is unreachable";
  EXPECT_EQ(judged(plan_with({"error_rate < 1%"}), late), Verdict::error);
}

TEST(Verdict, a_test_without_requests_is_an_error_that_says_so) {
  TestResult test;
  judge(plan_with({}), test);
  EXPECT_EQ(test.verdict, Verdict::error);
  EXPECT_EQ(test.failure, "No request was carried out; give the test a longer duration or a higher rate.");
  TestResult interrupted;
  interrupted.stopped = "interrupted";
  judge(plan_with({}), interrupted);
  EXPECT_EQ(interrupted.failure, "No request was carried out before the test was stopped.");
}

TEST(Verdict, the_outcome_that_ended_a_test_stays_as_it_was) {
  TestResult test = carried_out();
  ThresholdOutcome ended;
  ended.expression = "error_rate < 6%";
  ended.observed = 7;
  ended.aborted = true;
  test.thresholds = {ended};
  judge(plan_with({"p95(response_time) < 20ms", "error_rate < 6%"}), test);
  ASSERT_EQ(test.thresholds.size(), 2u);
  EXPECT_TRUE(test.thresholds[0].passed);
  EXPECT_EQ(test.thresholds[1].observed, 7);
  EXPECT_EQ(test.verdict, Verdict::fail);
}

TEST(Verdict, what_was_seen_in_mid_run_is_measured_anew_at_the_end) {
  TestResult test = carried_out();
  ThresholdOutcome earlier;
  earlier.expression = "error_rate < 6%";
  earlier.observed = 7;
  test.thresholds = {earlier};
  judge(plan_with({"error_rate < 6%"}), test);
  EXPECT_EQ(test.thresholds.at(0).observed, 5);
  EXPECT_EQ(test.verdict, Verdict::pass);
}

TEST(Verdict, a_run_is_as_bad_as_its_worst_test) {
  RunResult run;
  EXPECT_EQ(verdict_of(run), Verdict::error);
  run.tests.resize(2);
  EXPECT_EQ(verdict_of(run), Verdict::pass);
  run.tests[0].verdict = Verdict::untrusted;
  run.tests[1].verdict = Verdict::fail;
  EXPECT_EQ(verdict_of(run), Verdict::untrusted);
}

}  // namespace
}  // namespace loadlab
