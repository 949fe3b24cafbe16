#include "loadlab/report/conclusion.h"

#include <gtest/gtest.h>

#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

TEST(Conclusion, tells_what_holds_by_what_margin_what_gives_and_what_to_change) {
  RunResult run = sample_run();
  const Conclusion conclusion = conclude(run);
  EXPECT_EQ(conclusion.holds, "3 of 5 tests passed, 4 of 8 thresholds hold, 1 of 3 verifications passed, memory leaks");
  EXPECT_EQ(
      conclusion.margin,
      "broken the most is that of p95(response_time) < 10ms in 'stress </script><b>, 500 users': 17.5 ms observed, "
      "over by 75.0 %");
  const Candidate& first = run.tests[1].bottleneck.candidates.at(0);
  EXPECT_EQ(conclusion.gives_first, "in '" + run.tests[1].name + "': " + first.cause + ": " + first.evidence);
  EXPECT_EQ(conclusion.change, first.advice);
  EXPECT_EQ(conclusion.warnings, "2 of the bars that only warn are missed");
}

TEST(Conclusion, a_bar_that_only_warns_is_not_the_least_margin) {
  RunResult run = sample_run();
  run.tests.resize(1);
  for (ThresholdOutcome& outcome : run.tests[0].thresholds) outcome.warn_only = outcome.expression == "avg(cpu) < 80%";
  EXPECT_NE(conclude(run).margin.find("the least is that of avg(response_time) < 2s in"), std::string::npos)
      << conclude(run).margin;
  run.tests[0].thresholds.clear();
  EXPECT_EQ(conclude(run).margin, "");
  EXPECT_EQ(conclude(run).holds, "no thresholds: nothing was asked of the target");
}

ThresholdOutcome outcome(const std::string& expression, double bound, std::optional<double> observed, bool passed,
                         std::optional<double> margin) {
  ThresholdOutcome one;
  one.expression = expression;
  one.unit = "%";
  one.bound = bound;
  one.observed = observed;
  one.passed = passed;
  one.margin = margin;
  return one;
}

std::string margin_of(std::vector<ThresholdOutcome> first, std::vector<ThresholdOutcome> second = {}) {
  RunResult run;
  run.tests.resize(2);
  run.tests[0].name = "a";
  run.tests[0].thresholds = std::move(first);
  run.tests[1].name = "b";
  run.tests[1].thresholds = std::move(second);
  return conclude(run).margin;
}

TEST(Conclusion, what_is_broken_comes_before_what_holds) {
  const auto held = outcome("max(cpu) < 80%", 80, 79, true, 0.0125);
  const auto at_zero = outcome("error_rate <= 0%", 0, 100, false, std::nullopt);
  const auto far = outcome("avg(cpu) < 10%", 10, 90, false, -8);
  EXPECT_EQ(margin_of({held, at_zero}), "broken is error_rate <= 0% in 'a': 100 % observed");
  EXPECT_EQ(margin_of({held}, {far, at_zero}), "broken is error_rate <= 0% in 'b': 100 % observed");
  EXPECT_EQ(margin_of({at_zero}, {far}), "broken is error_rate <= 0% in 'a': 100 % observed");
  EXPECT_EQ(
      margin_of({outcome("error_rate <= 0%", 0, 0, true, std::nullopt), held}).find("the least is that of max(cpu)"),
      0u)
      << "it holds, and has no room to tell of";
  const auto at_bound = outcome("avg(cpu) < 50%", 50, 50, false, 0);
  EXPECT_EQ(margin_of({outcome("avg(cpu) <= 50%", 50, 50, true, 0)}, {at_bound}),
            "broken the most is that of avg(cpu) < 50% in 'b': 50.0 % observed, which is the bound itself");
}

// Of tests that all pass, the first with the least room.
RunResult two_tests() {
  RunResult run;
  for (const char* name : {"calm", "rush"}) {
    TestResult test;
    test.name = name;
    test.bottleneck.sentence = "No bottleneck.";
    test.thresholds = {outcome("max(cpu) < 80%", 80, 40, true, run.tests.empty() ? 0.1 : 0.5)};
    run.tests.push_back(std::move(test));
  }
  return run;
}

TEST(Conclusion, what_gives_first_is_looked_for_in_all_of_the_run) {
  RunResult run = two_tests();
  EXPECT_EQ(conclude(run).gives_first, "in 'calm': No bottleneck.");
  TestResult& rush = run.tests[1];
  rush.bottleneck.candidates = {{"pool", 0.9, true, "it is full", "raise it"}};
  EXPECT_EQ(conclude(run).gives_first, "in 'rush': pool: it is full") << "the other has room";
  EXPECT_EQ(conclude(run).change, "raise it");
  LeakFinding leak;
  leak.verdict = LeakVerdict::leak;
  leak.sentence = "memory leaks.";
  rush.leaks.findings = {leak};
  rush.verdict = Verdict::fail;
  EXPECT_EQ(conclude(run).gives_first, "in 'rush': memory leaks.") << "no threshold is broken";
  EXPECT_EQ(conclude(run).change, "");
  rush.thresholds.push_back(outcome("error_rate < 1%", 1, 5, false, -4));
  EXPECT_EQ(conclude(run).gives_first, "in 'rush': pool: it is full");
  run.tests[0].verdict = Verdict::fail;
  run.tests[0].verifications = {{"totals", false, "", "3 are missing", 1, false}};
  EXPECT_EQ(conclude(run).gives_first, "in 'calm': totals: 3 are missing") << "it comes first";
}

TEST(Conclusion, a_broken_threshold_without_a_known_cause_is_what_gives) {
  RunResult run = two_tests();
  run.tests.erase(run.tests.begin());
  run.tests[0].verdict = Verdict::fail;
  run.tests[0].bottleneck.sentence = "No request got a good answer.";
  run.tests[0].thresholds.push_back(outcome("error_rate < 1%", 1, 100, false, -99));
  EXPECT_EQ(conclude(run).gives_first, "error_rate < 1%: 100 % observed. No request got a good answer.");
  run.tests[0].bottleneck.candidates = {{"accept queue", 0.9, false, "it is full", "raise it"}};
  EXPECT_EQ(conclude(run).gives_first, "accept queue: it is full");
  run.tests[0].total.faults = {{Fault::timeout, 1}, {status_fault(500), 9}};
  run.tests[0].total.requests = 10;
  EXPECT_EQ(conclude(run).gives_first, "accept queue: it is full");
  run.tests[0].total.failed = 10;
  EXPECT_EQ(conclude(run).gives_first, "error_rate < 1%: 100 % observed, mostly status 500") << "no queue gives that";
}

TEST(Conclusion, what_could_not_be_measured_is_broken_and_says_why) {
  auto unmeasured = outcome("avg(cpu) < 80%", 80, std::nullopt, false, std::nullopt);
  EXPECT_EQ(margin_of({unmeasured}), "broken is avg(cpu) < 80% in 'a': nothing observed");
  const auto over = outcome("max(cpu) < 80%", 80, 100, false, -0.25);
  EXPECT_EQ(margin_of({unmeasured, over}).find("broken the most is that of max(cpu) < 80%"), 0u);
  unmeasured.missing = "one of the points was not measured";
  EXPECT_EQ(margin_of({unmeasured}),
            "broken is avg(cpu) < 80% in 'a': nothing observed, as one of the points was not measured");
}

}  // namespace
}  // namespace loadlab
