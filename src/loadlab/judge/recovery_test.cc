#include "loadlab/judge/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// 5 s of calm, 10 s of stress, 15 s of calm with slow answers for the first `slow` of them.
TestResult stressed(int slow) {
  TestResult test;
  test.seconds = test.planned_seconds = 30;
  for (int i = 0; i < 30; ++i) {
    Second second;
    second.index = i;
    second.requests = 50;
    second.users = i >= 5 && i < 15 ? 100 : 10;
    second.response_p95_ms = i < 5 ? 10 : i < 15 ? 400 : i < 15 + slow ? 200 : 11;
    second.memory_mb = i < 5 ? 50 : i < 15 ? 90 : 60;
    test.series.push_back(second);
  }
  test.total.requests = 1000;
  test.total.faults = {{Fault::timeout, 7}, {status_fault(503), 30}};
  return test;
}

loadlab::Test planned(std::vector<Stage> stages) {
  loadlab::Test plan;
  plan.loads.resize(1);
  plan.loads[0].duration = 30s;
  plan.loads[0].model = ClosedLoad{LevelProfile(std::move(stages)), {}, {}};
  return plan;
}

loadlab::Test spike() { return planned({{5s, 10, 0s}, {10s, 100, 0s}, {15s, 10, 0s}}); }

TEST(Recovery, counts_the_seconds_until_answers_are_as_quick_as_before) {
  const auto recovery = judge_recovery(spike(), stressed(4));
  ASSERT_TRUE(recovery);
  EXPECT_EQ(recovery->stress_ended_seconds, 15);
  EXPECT_EQ(recovery->seconds_to_normal, 4);
  EXPECT_EQ(recovery->normal_p95_ms, 10);
  EXPECT_EQ(recovery->worst_p95_ms, 400);
  TestResult late = stressed(4);
  late.series[16].response_p95_ms = 900;
  EXPECT_EQ(judge_recovery(spike(), late)->worst_p95_ms, 900) << "the queue outlasts the stress";
  EXPECT_EQ(judge_recovery(spike(), stressed(0))->seconds_to_normal, 0);
}

TEST(Recovery, tells_quick_refusals_from_slow_time_outs_and_memory_that_came_back) {
  const auto recovery = judge_recovery(spike(), stressed(4));
  EXPECT_EQ(recovery->refused, 30u);
  EXPECT_EQ(recovery->timed_out, 7u);
  EXPECT_EQ(recovery->memory_before_mb, 50);
  EXPECT_EQ(recovery->memory_peak_mb, 90);
  EXPECT_EQ(recovery->memory_after_mb, 60);
  EXPECT_THAT(recovery->sentence, HasSubstr("30 requests were refused quickly and 7 timed out slowly"));
}

TEST(Recovery, a_target_that_stays_slow_is_told) {
  const auto recovery = judge_recovery(spike(), stressed(15));
  EXPECT_FALSE(recovery->seconds_to_normal);
  EXPECT_THAT(recovery->sentence, HasSubstr("did not become normal again"));
}

TEST(Recovery, stress_ends_where_the_plan_says_though_the_queue_lasts) {
  TestResult test = stressed(4);
  for (Second& second : test.series) second.users = second.index < 25 ? 500 : 10;
  const auto recovery = judge_recovery(spike(), test);
  ASSERT_TRUE(recovery);
  EXPECT_EQ(recovery->stress_ended_seconds, 15);
}

TEST(Recovery, a_constant_load_whose_users_vary_by_themselves_has_none) {
  EXPECT_FALSE(judge_recovery(planned({{30s, 50, 5s}}), stressed(4)));
  EXPECT_FALSE(judge_recovery(planned({{5s, 10, 0s}, {25s, 50, 5s}}), stressed(4))) << "it never falls";
  EXPECT_TRUE(judge_recovery(planned({{15s, 50, 5s}, {15s, 10, 10s}}), stressed(4)));
  loadlab::Test two = planned({{30s, 10, 0s}});
  two.loads.push_back(planned({{10s, 90, 0s}}).loads[0]);
  two.loads[1].start = 5s;
  two.loads[1].duration = 10s;
  EXPECT_TRUE(judge_recovery(two, stressed(4))) << "one of them ends first";
}

}  // namespace
}  // namespace loadlab
