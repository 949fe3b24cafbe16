#include "loadlab/judge/thresholds.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

// 100 requests of 1 … 100 ms, 4 of them failed; the step `slow` has the last 50, of which 3 failed.
TestResult measured() {
  TestResult test;
  test.seconds = 10;
  test.dropped_iterations = 7;
  test.steps = {{"slow", Tally()}, {"never", Tally()}};
  for (int i = 1; i <= 100; ++i) {
    const Nanoseconds time = i * 1ms;
    for (Tally* tally : {&test.total, i > 50 ? &test.steps[0].tally : nullptr}) {
      if (!tally) continue;
      tally->requests += 1;
      tally->timings.response.record(time);
      tally->timings.service.record(time / 2);
      tally->timings.connection_wait.record(time / 4);
      tally->timings.send_lag.record(time / 100);
    }
  }
  test.total.failed = 4;
  test.steps[0].tally.failed = 3;
  return test;
}

ThresholdOutcome outcome(std::string_view expression, const TestResult& test = measured()) {
  return evaluate(parse_threshold(expression).value(), test);
}

TEST(Evaluate, observes_every_metric_in_its_unit) {
  struct Case {
    const char* expression;
    double observed;
  };
  for (const Case& c :
       {Case{"avg(response_time) < 1s", 50.5}, Case{"min(response_time) < 1s", 1}, Case{"max(response_time) < 1s", 100},
        Case{"p50(response_time) < 1s", 50}, Case{"p95(response_time) < 1s", 95}, Case{"p95(service_time) < 1s", 47.5},
        Case{"max(connection_wait) < 1s", 25}, Case{"max(send_lag) < 1s", 1}, Case{"rate(requests) > 1/s", 10},
        Case{"count(requests) > 1", 100}, Case{"error_rate < 1%", 4}, Case{"count(dropped) <= 0", 7}}) {
    const auto result = outcome(c.expression);
    ASSERT_TRUE(result.observed) << c.expression;
    EXPECT_NEAR(*result.observed, c.observed, c.observed * 0.001) << c.expression;
  }
}

TEST(Evaluate, a_rate_is_of_the_time_that_was_measured) {
  TestResult test = measured();
  test.seconds = 12.5;
  test.warm_up_seconds = 2.5;
  EXPECT_NEAR(*outcome("rate(requests) > 1/s", test).observed, 10, 0.001) << "100 requests after the warm-up";
}

Threshold of_group(std::string_view expression) {
  Threshold threshold = parse_threshold(expression).value();
  threshold.of_group = true;  // as the plan's names say
  return threshold;
}

TEST(Evaluate, of_a_group_uses_its_passes) {
  TestResult test = measured();
  test.groups = {{"checkout", GroupTally()}, {"never", GroupTally()}};
  GroupTally& tally = test.groups[0].tally;
  tally.begun = 5;
  tally.passes = 4;
  tally.failed = 1;
  for (int i = 1; i <= 4; ++i) {
    tally.durations.record(i * 1s);
    tally.responses.record(i * 1ms);
  }
  EXPECT_NEAR(*evaluate(of_group("max(duration of checkout) < 1s"), test).observed, 4000, 4);
  EXPECT_NEAR(*evaluate(of_group("avg(response_time of checkout) < 1s"), test).observed, 2.5, 0.01);
  EXPECT_DOUBLE_EQ(*evaluate(of_group("error_rate of checkout < 1%"), test).observed, 25);
  EXPECT_FALSE(evaluate(of_group("max(duration of checkout) < 1s"), test).passed);
  EXPECT_FALSE(evaluate(of_group("error_rate of never < 1%"), test).observed);
}

TEST(Abort, of_a_group_waits_for_as_many_passes_as_otherwise_for_requests) {
  TestResult test = measured();
  test.groups = {{"checkout", GroupTally()}};
  Threshold threshold = of_group("max(duration of checkout) < 1s");
  threshold.abort = true;
  GroupTally& tally = test.groups[0].tally;
  const auto pass = [&] {
    ++tally.passes;
    tally.durations.record(2s);
  };
  for (int i = 0; i < 49; ++i) pass();
  EXPECT_FALSE(should_abort({threshold}, test, 10s));
  pass();
  EXPECT_TRUE(should_abort({threshold}, test, 10s));
}

TEST(Evaluate, of_a_step_uses_the_step_s_own_requests) {
  EXPECT_NEAR(*outcome("avg(response_time of slow) < 1s").observed, 75.5, 0.1);
  EXPECT_NEAR(*outcome("min(response_time of slow) < 1s").observed, 51, 0.1);
  EXPECT_DOUBLE_EQ(*outcome("error_rate of slow < 1%").observed, 6);
  EXPECT_DOUBLE_EQ(*outcome("rate(requests of slow) > 1/s").observed, 5);
}

TEST(Evaluate, comparisons_are_strict_or_not_as_they_are_written) {
  EXPECT_TRUE(outcome("count(requests) <= 100").passed);
  EXPECT_FALSE(outcome("count(requests) < 100").passed);
  EXPECT_TRUE(outcome("count(requests) < 101").passed);
  EXPECT_TRUE(outcome("count(requests) >= 100").passed);
  EXPECT_FALSE(outcome("count(requests) > 100").passed);
  EXPECT_TRUE(outcome("count(requests) > 99").passed);
}

TEST(Evaluate, the_margin_is_the_room_left_as_a_share_of_the_bound) {
  EXPECT_DOUBLE_EQ(*outcome("error_rate < 5%").margin, 0.2);
  EXPECT_DOUBLE_EQ(*outcome("error_rate < 2%").margin, -1.0);
  EXPECT_DOUBLE_EQ(*outcome("count(requests) > 80").margin, 0.25);
  EXPECT_DOUBLE_EQ(*outcome("count(requests) > 200").margin, -0.5);
  EXPECT_DOUBLE_EQ(*outcome("count(requests) < 100").margin, 0.0);
  EXPECT_FALSE(outcome("count(dropped) <= 0").margin);
}

TEST(Evaluate, what_has_nothing_to_measure_does_not_pass) {
  for (const char* expression :
       {"avg(response_time of never) < 1s", "error_rate of never < 1%", "avg(response_time of no such step) < 1s",
        "avg(cpu) < 80%", "max(memory) < 1GB", "max(descriptors) < 10", "cpu_per_request < 1s"}) {
    const auto result = outcome(expression);
    EXPECT_FALSE(result.observed) << expression;
    EXPECT_FALSE(result.margin) << expression;
    EXPECT_FALSE(result.passed) << expression;
  }
  EXPECT_FALSE(outcome("rate(requests) < 1/s", TestResult()).observed);
  EXPECT_TRUE(outcome("count(requests of never) <= 0").passed) << "none is a count";
}

TEST(Evaluate, the_target_s_resources_are_averages_or_peaks_as_asked) {
  TestResult test = measured();
  test.resources.avg_cpu_percent = 40;
  test.resources.peak_cpu_percent = 90;
  test.resources.avg_memory_mb = 100;
  test.resources.peak_memory_mb = 200;
  test.resources.open_descriptors = 12;
  test.resources.cpu_ms_per_request = 1.5;
  EXPECT_EQ(outcome("avg(cpu) < 80%", test).observed, 40);
  EXPECT_EQ(outcome("max(cpu) < 80%", test).observed, 90);
  EXPECT_EQ(outcome("avg(memory) < 1GB", test).observed, 100);
  EXPECT_EQ(outcome("max(memory) < 1GB", test).observed, 200);
  EXPECT_EQ(outcome("max(descriptors) < 100", test).observed, 12);
  EXPECT_EQ(outcome("cpu_per_request < 2ms", test).observed, 1.5);
  EXPECT_EQ(outcome("max(memory) < 1GiB", test).unit, "MB");
}

const base::Nanoseconds kUsualGrace = Threshold().grace;

std::vector<Threshold> aborting(std::string_view expression) {
  Threshold threshold = parse_threshold(expression).value();
  threshold.abort = true;
  return {threshold};
}

TEST(ShouldAbort, a_broken_upper_bound_ends_the_test) {
  const auto outcome_of_abort = should_abort(aborting("error_rate < 1%"), measured(), kUsualGrace);
  ASSERT_TRUE(outcome_of_abort);
  EXPECT_TRUE(outcome_of_abort->aborted);
  EXPECT_FALSE(outcome_of_abort->passed);
  EXPECT_FALSE(should_abort(aborting("error_rate < 5%"), measured(), kUsualGrace));
}

TEST(ShouldAbort, only_where_the_plan_says_so) {
  EXPECT_FALSE(should_abort({parse_threshold("error_rate < 1%").value()}, measured(), 1h));
}

TEST(ShouldAbort, not_before_its_time_or_on_few_requests) {
  EXPECT_FALSE(should_abort(aborting("error_rate < 1%"), measured(), kUsualGrace - 1ns));
  TestResult few = measured();
  few.total.requests = kFewestRequestsToAbort - 1;
  EXPECT_FALSE(should_abort(aborting("error_rate < 1%"), few, 1h));
  few.total.requests = kFewestRequestsToAbort;
  EXPECT_TRUE(should_abort(aborting("error_rate < 1%"), few, 1h));
  TestResult few_of_step = measured();
  few_of_step.steps[0].tally.requests = kFewestRequestsToAbort - 1;
  EXPECT_FALSE(should_abort(aborting("error_rate of slow < 1%"), few_of_step, 1h));
}

TEST(ShouldAbort, the_time_of_grace_is_the_plan_s_and_begins_when_the_warm_up_is_over) {
  auto patient = aborting("error_rate < 1%");
  patient[0].grace = 10s;
  EXPECT_FALSE(should_abort(patient, measured(), 9s));
  EXPECT_TRUE(should_abort(patient, measured(), 10s));
  TestResult warmed = measured();
  warmed.warm_up_seconds = 5;
  EXPECT_FALSE(should_abort(patient, warmed, 14s));
  EXPECT_TRUE(should_abort(patient, warmed, 15s));
}

TEST(ShouldAbort, counts_and_resources_need_no_requests) {
  TestResult idle;
  idle.dropped_iterations = 1;
  idle.resources.peak_memory_mb = 2000;
  EXPECT_TRUE(should_abort(aborting("count(dropped) <= 0"), idle, kUsualGrace));
  EXPECT_TRUE(should_abort(aborting("max(memory) < 1GB"), idle, kUsualGrace));
  EXPECT_FALSE(should_abort(aborting("max(cpu) < 1%"), idle, kUsualGrace)) << "not measured is not broken yet";
}

TEST(ShouldAbort, a_lower_bound_may_still_be_met) {
  EXPECT_FALSE(should_abort(aborting("count(requests) > 1000"), measured(), 1h));
}

ProbeSeries redis(const std::string& label, double highest) {
  ProbeSeries series;
  series.probe = "redis";
  series.label = label;
  series.metrics.resize(1);
  series.metrics[0].name = "memory";
  series.metrics[0].summary.highest = highest;
  series.metrics[0].summary.lowest = highest / 2;
  series.metrics[0].summary.increase = 10;
  return series;
}

TEST(Evaluate, a_probe_s_metric_must_hold_for_each_that_is_watched) {
  TestResult test;
  test.total.requests = 1000;
  test.probes = {redis("one", 30), redis("two", 50)};
  ProbeSeries part = redis("two", 900);
  part.part = "of it";
  test.probes.push_back(part);
  const auto observed = [&](const char* expression) {
    return evaluate(parse_threshold(expression).value(), test).observed.value_or(-1);
  };
  EXPECT_EQ(observed("max(redis:memory) < 100MB"), 50);
  EXPECT_EQ(observed("min(redis:memory) > 1MB"), 15);
  EXPECT_DOUBLE_EQ(observed("per_request(redis:memory) < 1MB"), 0.01);
  EXPECT_EQ(observed("avg(redis:memory) < 100MB"), -1) << "nothing was seen";
  EXPECT_EQ(observed("max(redis:clients) < 10"), -1);
  EXPECT_EQ(observed("max(postgresql:sessions) < 10"), -1);
}

TEST(Evaluate, what_a_request_costs_the_target_comes_from_its_resources) {
  TestResult test;
  test.resources.memory_bytes_per_request = 12;
  test.resources.bytes_per_request = 900;
  test.resources.queries_per_request = 3;
  test.resources.db_connections = 8;
  test.resources.avg_db_connections = 5;
  for (const auto& [expression, value] : {std::pair("memory_per_request < 1KB", 12.0),
                                          {"bytes_per_request < 1KB", 900.0},
                                          {"queries_per_request < 5", 3.0},
                                          {"max(db_connections) < 10", 8.0},
                                          {"avg(db_connections) < 10", 5.0}}) {
    const ThresholdOutcome outcome = evaluate(parse_threshold(expression).value(), test);
    EXPECT_EQ(outcome.observed, value) << expression;
    EXPECT_TRUE(outcome.passed) << expression;
  }
}

}  // namespace
}  // namespace loadlab
