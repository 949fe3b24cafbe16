#include "loadlab/plan/benchmark_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string complaint(std::string_view yaml) {
  const auto plan = load_plan_text(yaml, "p", {});
  return plan ? "accepted" : plan.error().message;
}

TEST(ReadBenchmark, a_test_may_run_a_benchmark_in_place_of_a_load) {
  const auto plan = load_plan_text(R"(
defaults: {users: 5, thresholds: [error_rate < 1%]}
tests:
  - name: parts
    variables: {folder: build}
    benchmark: {run: $(folder)/bench, filter: 'BM_parse/.*', repetitions: 9, within: 5m}
    thresholds:
      - median(cpu_time of BM_parse/8) < 3us
      - {expect: 'cv(real_time of BM_parse<int, long>/8) <= 5%', severity: warn, reason: a shared machine}
      - max(items_per_second of BM_parse/8) > 1000/s
      - avg(counter rows of BM_parse/8) >= 7
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const loadlab::Test& test = plan->tests.at(0);
  EXPECT_TRUE(test.loads.empty());
  EXPECT_TRUE(test.thresholds.empty()) << "those of loads by default are not for it";
  ASSERT_TRUE(test.benchmark);
  EXPECT_EQ(test.benchmark->command.text, "build/bench");
  EXPECT_EQ(test.benchmark->command.within, 5min);
  EXPECT_EQ(test.benchmark->filter, "BM_parse/.*");
  EXPECT_EQ(test.benchmark->repetitions, 9);
  const auto& thresholds = test.benchmark->thresholds;
  ASSERT_EQ(thresholds.size(), 4u);
  EXPECT_EQ(thresholds[0].figure, "cpu_time");
  EXPECT_EQ(thresholds[0].benchmark, "BM_parse/8");
  EXPECT_EQ(thresholds[0].unit, "ms");
  EXPECT_DOUBLE_EQ(thresholds[0].bound, 0.003);
  EXPECT_EQ(thresholds[1].benchmark, "BM_parse<int, long>/8");
  EXPECT_EQ(thresholds[1].spread, Spread::variation);
  EXPECT_EQ(thresholds[1].severity, Severity::warn);
  EXPECT_EQ(thresholds[1].comparison, Comparison::less_or_equal);
  EXPECT_EQ(thresholds[2].unit, "/s");
  EXPECT_EQ(thresholds[2].bound, 1000);
  EXPECT_EQ(thresholds[3].figure, "rows");
  EXPECT_EQ(thresholds[3].unit, "");
}

TEST(ReadBenchmark, nanoseconds_are_a_unit_of_its_times) {
  const auto threshold = read_benchmark_threshold("min(real_time of A) < 250ns");
  ASSERT_TRUE(threshold);
  EXPECT_DOUBLE_EQ(threshold->bound, 0.00025);
}

TEST(ReadBenchmark, what_is_wrong_is_told_with_its_place) {
  const auto with = [](const std::string& lines) { return complaint("tests:\n  - name: a\n    " + lines); };
  EXPECT_THAT(with("benchmark: {filter: x}"), HasSubstr("p:3:16: benchmark: no 'run'"));
  EXPECT_THAT(with("benchmark: {run: x}\n    users: 3"), HasSubstr("p:4:5: 'users' is of a load"));
  EXPECT_THAT(with("benchmark: {run: x, repetitions: 0}"), HasSubstr("p:3:38: repetitions: 0 is not between 1 and 50"));
  EXPECT_THAT(with("benchmark: {run: x}\n    at: [{time: 1s, run: y}]"), HasSubstr("p:4:5: at: is within a load"));
  EXPECT_THAT(with("benchmark: {run: x}\n    thresholds: [p95(response_time) < 1s]"),
              HasSubstr("p:4:18: expected median, min, max, avg or cv of a figure"));
  EXPECT_THAT(with("benchmark: {run: x}\n    thresholds: [median(cpu_time of A) < 3]"),
              HasSubstr("cpu_time of a benchmark is bounded by a time"));
  EXPECT_THAT(with("benchmark: {run: x}\n    thresholds: [median(cpu_time) < 3us]"),
              HasSubstr("expected a figure, 'of' and a benchmark's name"));
  EXPECT_THAT(
      complaint("defaults: {benchmark: {run: x}}\ntests: [{name: a, target: http://a, users: 1, steps: [GET /]}]"),
      HasSubstr("p:1:12: unknown key 'benchmark'"));
}

}  // namespace
}  // namespace loadlab
