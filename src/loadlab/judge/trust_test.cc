#include "loadlab/judge/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

loadlab::Test closed_without_think() {
  loadlab::Test plan;
  plan.loads.resize(1);
  plan.loads[0].model = ClosedLoad{LevelProfile::steady(10, {}, std::chrono::seconds(1)), {}, {}};
  plan.loads[0].journeys.resize(1);
  plan.loads[0].journeys[0].steps.resize(1);
  return plan;
}

loadlab::Test open_plan() {
  loadlab::Test plan = closed_without_think();
  plan.loads[0].model = OpenLoad{};
  return plan;
}

struct Requests {
  int count;
  Nanoseconds lag;
  Nanoseconds response;
};

TestResult with(std::initializer_list<Requests> groups) {
  TestResult test;
  for (const Requests& group : groups) {
    for (int i = 0; i < group.count; ++i) {
      test.total.requests += 1;
      test.total.timings.send_lag.record(group.lag);
      test.total.timings.response.record(group.response);
    }
  }
  return test;
}

TEST(Trust, a_generator_that_is_in_time_is_trusted) {
  const Trust trust = judge_trust(closed_without_think(), with({{1000, 50us, 5ms}}), 40);
  EXPECT_TRUE(trust.trusted);
  EXPECT_THAT(trust.reasons, IsEmpty());
  EXPECT_THAT(trust.notes, IsEmpty());
  EXPECT_EQ(trust.late_sends, 0u);
  EXPECT_NEAR(trust.send_lag_p99_ms, 0.05, 0.001);
  EXPECT_EQ(trust.busiest_worker_percent, 40);
}

TEST(Trust, a_millisecond_is_allowed_whatever_the_response) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{1000, 990us, 2ms}}), 0).trusted);
  const Trust trust = judge_trust(closed_without_think(), with({{1000, 1100us, 2ms}}), 0);
  EXPECT_FALSE(trust.trusted);
  EXPECT_EQ(trust.late_sends, 1000u);
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("1 % of its sends by more than 1.1 ms, where 1.0 ms are allowed"));
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("Use more threads"));
}

TEST(Trust, a_tenth_of_a_long_response_is_allowed) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{1000, 9900us, 100ms}}), 0).trusted);
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{1000, 10100us, 100ms}}), 0).trusted);
}

TEST(Trust, one_percent_may_be_late) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{9910, 0us, 5ms}, {90, 5ms, 10ms}}), 0).trusted);
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{9890, 0us, 5ms}, {110, 5ms, 10ms}}), 0).trusted);
}

TEST(Trust, rare_stalls_that_bend_the_average_are_seen) {
  const Trust trust = judge_trust(closed_without_think(), with({{9950, 0us, 5ms}, {50, 1s, 1005ms}}), 0);
  EXPECT_FALSE(trust.trusted);
  ASSERT_EQ(trust.reasons.size(), 1u);
  EXPECT_THAT(trust.reasons[0], HasSubstr("5.0 ms late on average"));
}

TEST(Trust, a_bent_tail_is_a_note) {
  const Trust trust = judge_trust(closed_without_think(), with({{9950, 0us, 5ms}, {50, 20ms, 25ms}}), 0);
  EXPECT_TRUE(trust.trusted);
  EXPECT_EQ(trust.late_sends, 50u);
  ASSERT_EQ(trust.notes.size(), 1u);
  EXPECT_THAT(trust.notes[0], HasSubstr("not on p99.9 and the maximum"));
}

TEST(Trust, a_single_hiccup_in_a_short_test_is_a_note) {
  const Trust trust = judge_trust(closed_without_think(), with({{46, 0us, 5ms}, {4, 20ms, 25ms}}), 0);
  EXPECT_TRUE(trust.trusted);
  ASSERT_EQ(trust.notes.size(), 1u);
  EXPECT_THAT(trust.notes[0], HasSubstr("4 of 50 sends came late, by up to 20.0 ms: too few"));
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{45, 0us, 5ms}, {5, 20ms, 25ms}}), 0).trusted);
}

TEST(Trust, nothing_sent_is_nothing_late) { EXPECT_TRUE(judge_trust(closed_without_think(), TestResult(), 0).trusted); }

TEST(Trust, a_busy_worker_is_a_note_and_never_a_reason) {
  const TestResult in_time = with({{1000, 0us, 5ms}});
  EXPECT_THAT(judge_trust(open_plan(), in_time, 90).notes, IsEmpty());
  const Trust busy = judge_trust(open_plan(), in_time, 90.5);
  EXPECT_TRUE(busy.trusted);
  ASSERT_EQ(busy.notes.size(), 1u);
  EXPECT_THAT(busy.notes[0], HasSubstr("more threads would give it room"));
  TestResult dropped = in_time;
  dropped.dropped_iterations = 12;
  const Trust drops = judge_trust(open_plan(), dropped, 99);
  EXPECT_TRUE(drops.trusted);
  EXPECT_THAT(drops.notes.at(0), HasSubstr("12 iterations were dropped, which may be its doing"));
}

TEST(Trust, a_full_worker_in_a_closed_loop_without_think_time_is_told_clearly) {
  TestResult test = with({{1000, 0us, 5ms}});
  EXPECT_THAT(judge_trust(closed_without_think(), test, 97.5).notes.at(0),
              HasSubstr("may hold its own queueing; the target was not watched"));
  EXPECT_THAT(judge_trust(closed_without_think(), test, 96).notes.at(0), HasSubstr("more threads would give it room"));
  test.resources.avg_cpu_percent = 48;
  EXPECT_THAT(judge_trust(closed_without_think(), test, 100).notes.at(0),
              HasSubstr("the target used 48 % of the machine"));
  test.resources.avg_cpu_percent = 95;
  EXPECT_THAT(judge_trust(closed_without_think(), test, 100).notes.at(0), HasSubstr("more threads would give it room"))
      << "a saturated target is what limits the loop";
  loadlab::Test thinking = closed_without_think();
  thinking.loads[0].journeys[0].steps[0].think = Delay::always(1s);
  test.resources.avg_cpu_percent.reset();
  EXPECT_THAT(judge_trust(thinking, test, 100).notes.at(0), HasSubstr("more threads would give it room"));
}

}  // namespace
}  // namespace loadlab
