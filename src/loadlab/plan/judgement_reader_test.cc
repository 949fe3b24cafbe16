#include "loadlab/plan/judgement_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/sweep.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

base::Result<Plan> plan_with(const std::string& lines) {
  return load_plan_text("target: http://127.0.0.1:1\nusers: 1\nsteps: [GET /]\n" + lines, "plan.yaml", {});
}

TEST(JudgementReader, slopes_that_count_are_kept_an_hour_and_memory_in_megabytes) {
  const auto plan = plan_with(
      "leaks: {false_alarms: 0.1%, severity: warn, memory: 1KB/s, descriptors: 1/m, metrics: {sessions_open: 5/h}}\n");
  ASSERT_TRUE(plan) << plan.error().message;
  const LeakRules& rules = plan->tests[0].leaks;
  EXPECT_TRUE(rules.judged);
  EXPECT_EQ(rules.severity, Severity::warn);
  EXPECT_DOUBLE_EQ(rules.false_alarms, 0.001);
  EXPECT_DOUBLE_EQ(rules.slopes.at("memory"), 3.6);
  EXPECT_DOUBLE_EQ(rules.slopes.at("descriptors"), 60);
  EXPECT_DOUBLE_EQ(rules.metrics.at("sessions_open"), 5);
}

TEST(JudgementReader, leaks_may_be_left_alone) {
  EXPECT_FALSE(plan_with("leaks: off\n")->tests[0].leaks.judged);
  EXPECT_TRUE(plan_with("")->tests[0].leaks.judged);
}

TEST(JudgementReader, what_is_no_slope_is_told_with_its_place) {
  for (const char* wrong : {"memory: 1MB", "memory: 10/h", "threads: 1MB/h", "rows: 0/h", "rows: many"}) {
    const auto plan = plan_with(std::string("leaks:\n  ") + wrong + "\n");
    ASSERT_FALSE(plan) << wrong;
    EXPECT_THAT(plan.error().message, HasSubstr("plan.yaml:5:")) << wrong;
    EXPECT_THAT(plan.error().message, HasSubstr("no smallest slope that counts"));
  }
  EXPECT_THAT(plan_with("leaks: {false_alarms: 50%}\n").error().message, HasSubstr("0.0001% to 20%"));
  EXPECT_THAT(plan_with("leaks: {memry: 1MB/h}\n").error().message, HasSubstr("memory"));
}

TEST(JudgementReader, metrics_tell_causes_by_their_role) {
  const auto plan = plan_with("bottleneck: {pool: {used: my_used, size: my_size}, rate limit: {refused: too_many}}\n");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tests[0].causes.at({"pool", "used"}), "my_used");
  EXPECT_EQ(plan->tests[0].causes.at({"rate limit", "refused"}), "too_many");
  EXPECT_THAT(plan_with("bottleneck: {pol: {used: a}}\n").error().message, HasSubstr("'pool'"));
  EXPECT_THAT(plan_with("bottleneck: {pool: {length: a}}\n").error().message, HasSubstr("length"));
}

TEST(JudgementReader, the_allowed_send_lag_is_a_tenth_of_the_narrowest_bound_on_a_time_at_most) {
  EXPECT_EQ(plan_with("")->tests[0].allowed_send_lag, 1ms);
  const std::string bounds =
      "thresholds: [p95(response_time) < 2s, avg(service_time) < 50ms, p99(send_lag) < 2ms, "
      "cpu_per_request < 2ms]\n";
  EXPECT_EQ(plan_with("allowed_send_lag: 5ms\n" + bounds)->tests[0].allowed_send_lag, 5ms);
  EXPECT_EQ(plan_with("allowed_send_lag: 800ms\n")->tests[0].allowed_send_lag, 800ms);
  EXPECT_THAT(plan_with("allowed_send_lag: 6ms\n" + bounds).error().message,
              HasSubstr("plan.yaml:4:19: allowed_send_lag: 6ms is more than a tenth of the bound of "
                        "'avg(service_time) < 50ms'"));
  EXPECT_TRUE(plan_with("allowed_send_lag: 1.1ms\nthresholds: [p95(response_time) < 11ms]\n"));
  EXPECT_TRUE(plan_with("allowed_send_lag: 1ms\nthresholds: [p95(response_time) < 2ms]\n"));
  EXPECT_THAT(plan_with("allowed_send_lag: 500us\n").error().message, HasSubstr("not between 1ms and 1s"));
  EXPECT_THAT(plan_with("allowed_send_lag: 2s\n").error().message, HasSubstr("not between 1ms and 1s"));
}

TEST(JudgementReader, the_allowed_steal_is_a_percentage_and_not_for_a_sweep) {
  EXPECT_EQ(plan_with("")->tests[0].allowed_steal_percent, 5);
  EXPECT_EQ(plan_with("allowed_steal: 15%\n")->tests[0].allowed_steal_percent, 15);
  for (const char* wrong : {"4%", "21%", "0.1", "15", "much"}) {
    EXPECT_THAT(
        plan_with(fmt::format("allowed_steal: {}\n", wrong)).error().message,
        HasSubstr(fmt::format("allowed_steal: expected a percentage from 5% to 20%, as in 15%, not '{}'", wrong)));
  }
  const std::string sweep = "  - {name: grows, sweep: {n: [1, 2]}, users: $(n), steps: [GET /]";
  const auto suite = [&](const std::string& own) {
    return load_plan_text("target: http://127.0.0.1:1\ndefaults: {allowed_steal: 15%}\ntests:\n" + sweep + own + "}\n",
                          "plan.yaml", {});
  };
  const auto plan = suite("");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tests[0].sweep->points[1].test.allowed_steal_percent, 5);
  EXPECT_THAT(suite(", allowed_steal: 15%").error().message, HasSubstr("a sweep compares its points"));
}

TEST(JudgementReader, the_allowed_send_lag_of_the_defaults_is_held_against_each_test_s_own_bounds) {
  const auto plan = load_plan_text(R"(
target: http://127.0.0.1:1
defaults: {allowed_send_lag: 4ms, users: 1, steps: [GET /]}
tests:
  - {name: wide, thresholds: [p95(response_time) < 40ms]}
  - {name: narrow, thresholds: [p95(response_time) < 39ms]}
)",
                                   "plan.yaml", {});
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().message, HasSubstr("p95(response_time) < 39ms"));
  EXPECT_THAT(plan.error().message, testing::Not(HasSubstr("< 40ms")));
}

}  // namespace
}  // namespace loadlab
