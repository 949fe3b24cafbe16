#include "loadlab/plan/judgement_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

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

}  // namespace
}  // namespace loadlab
