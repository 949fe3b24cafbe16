#include "loadlab/judge/sweeps.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

Plan plan_of(const std::string& compare) {
  auto plan = load_plan_text(
      "target: http://a\nusers: 2\nsteps: [GET /]\nbefore: [echo $(n)]\nsweep: {n: [1, 2, 4]}\n"
      "thresholds: [avg(response_time) < 10ms]\n" +
          compare,
      "p", {});
  EXPECT_TRUE(plan) << plan.error().message;
  return std::move(*plan);
}

// A run of ten seconds.
TestResult run_of(const loadlab::Test& plan, std::uint64_t requests, std::chrono::milliseconds time) {
  TestResult run;
  run.seconds = 10;
  run.total.requests = requests;
  for (int i = 0; i < 10; ++i) run.total.timings.response.record(time);
  for (const Threshold& threshold : plan.thresholds) {
    ThresholdOutcome outcome;
    outcome.expression = threshold.expression;
    outcome.unit = "ms";
    outcome.bound = threshold.bound;
    outcome.observed = static_cast<double>(time.count());
    outcome.margin = (threshold.bound - *outcome.observed) / threshold.bound;
    outcome.passed = *outcome.margin > 0;
    run.thresholds.push_back(outcome);
  }
  return run;
}

TEST(SweepJudge, points_are_compared_by_the_medians_of_their_runs) {
  const Plan plan =
      plan_of("compare: [rate(requests) at n=4 > 1.8 * rate(requests) at n=1, rate(requests) at n=2 < 100/s]\n");
  const loadlab::Test& test = plan.tests.at(0);
  SweepJudge judge(test);
  for (const std::uint64_t requests : {1000u, 1010u, 5000u}) judge.add(0, run_of(test, requests, 5ms));
  for (const std::uint64_t requests : {1900u, 1900u, 10u}) judge.add(1, run_of(test, requests, 6ms));
  for (const std::uint64_t requests : {3030u, 3000u, 20u}) judge.add(2, run_of(test, requests, 7ms));
  TestResult result;
  judge.finish(result);
  ASSERT_EQ(result.thresholds.size(), 3u);
  EXPECT_EQ(result.thresholds[0].expression, "avg(response_time) < 10ms (n=4)") << "the run with the least room";
  EXPECT_EQ(*result.thresholds[1].observed, 300);
  EXPECT_NEAR(result.thresholds[1].bound, 1.8 * 101, 1e-9);
  EXPECT_TRUE(result.thresholds[1].passed);
  EXPECT_FALSE(result.thresholds[2].passed);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.kind, TestKind::sweep);
  ASSERT_TRUE(result.sweep->scaling);
  EXPECT_NEAR(result.sweep->scaling->rate_of_one, 101, 0.1);
  EXPECT_GT(result.sweep->scaling->sigma, 0);
  EXPECT_EQ(result.sweep->points.at(2).find("requests_per_second")->median(), 300);
  EXPECT_EQ(result.sweep->points.at(2).find("requests_per_second")->unit, "/s");
}

TEST(SweepJudge, a_run_that_breaks_a_threshold_fails_the_sweep) {
  const Plan plan = plan_of("");
  SweepJudge judge(plan.tests.at(0));
  judge.add(0, run_of(plan.tests.at(0), 10, 5ms));
  judge.add(1, run_of(plan.tests.at(0), 10, 25ms));
  TestResult result;
  judge.finish(result);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.thresholds.at(0).expression, "avg(response_time) < 10ms (n=2)");
}

TEST(SweepJudge, a_run_that_was_not_carried_out_is_an_error) {
  const Plan plan = plan_of("compare: [rate(requests) at n=4 > 1/s]\n");
  SweepJudge judge(plan.tests.at(0));
  TestResult broken;
  broken.failure = "nobody answers";
  judge.add(2, broken);
  TestResult result;
  judge.finish(result);
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_EQ(result.failure, "n=4: nobody answers");
  EXPECT_EQ(result.thresholds.at(0).missing, "one of the points was not measured");
}

LeakFinding leak_of(LeakVerdict verdict, double slope, const std::string& label = "shop (pid 7)") {
  LeakFinding finding;
  finding.resource = "memory";
  finding.label = label;
  finding.verdict = verdict;
  finding.slope_per_hour = slope;
  finding.sentence = "memory rises.";
  return finding;
}

TEST(SweepJudge, a_leak_in_one_run_fails_the_sweep_and_names_its_point) {
  const Plan plan = plan_of("");
  SweepJudge judge(plan.tests.at(0));
  TestResult run = run_of(plan.tests.at(0), 10, 5ms);
  const auto add = [&](std::size_t point, std::vector<LeakFinding> findings) {
    run.leaks.findings = std::move(findings);
    judge.add(point, run);
  };
  const LeakFinding quiet = leak_of(LeakVerdict::none, 99, "database");
  add(0, {leak_of(LeakVerdict::none, 900), quiet});
  add(1, {leak_of(LeakVerdict::leak, 200), quiet});
  add(1, {leak_of(LeakVerdict::leak, 300), quiet});
  add(1, {leak_of(LeakVerdict::leak, 250), quiet});
  add(2, {leak_of(LeakVerdict::undecided, 800), quiet});
  TestResult result;
  judge.finish(result);
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_EQ(result.leaks.findings.size(), 2u) << "each thing once";
  EXPECT_EQ(result.leaks.findings[0].resource, "memory");
  EXPECT_EQ(result.leaks.findings[0].label, "shop (pid 7) at n=2");
  EXPECT_EQ(result.leaks.findings[0].slope_per_hour, 300);
  EXPECT_EQ(result.leaks.findings[0].sentence, "n=2: memory rises.");
  EXPECT_EQ(result.leaks.findings[1].label, "database at n=1");
  EXPECT_EQ(result.leaks.findings[1].verdict, LeakVerdict::none);
  EXPECT_TRUE(result.notes.empty());
}

TEST(SweepJudge, what_was_not_judged_for_leaks_is_told) {
  const Plan plan = plan_of("");
  TestResult judged = run_of(plan.tests.at(0), 10, 5ms);
  judged.leaks.findings = {leak_of(LeakVerdict::none, 0)};
  TestResult brief = run_of(plan.tests.at(0), 10, 5ms);
  brief.leaks.not_judged = "it was too short";
  SweepJudge some(plan.tests.at(0));
  some.add(0, judged);
  for (const std::size_t point : {1u, 1u, 2u}) some.add(point, brief);
  TestResult result;
  some.finish(result);
  EXPECT_EQ(result.leaks.not_judged, "");
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_EQ(result.notes[0], "Leaks were not judged in every run of n=2; n=4: it was too short.");
  SweepJudge none(plan.tests.at(0));
  none.add(0, brief);
  TestResult silent;
  none.finish(silent);
  EXPECT_EQ(silent.leaks.not_judged, "it was too short");
  EXPECT_EQ(silent.verdict, Verdict::pass);
}

}  // namespace
}  // namespace loadlab
