#include "loadlab/judge/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/random.h"
#include "loadlab/judge/steady_part.h"
#include "loadlab/judge/verdict.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

loadlab::Test users_for(Nanoseconds duration, Nanoseconds ramp = 0s) {
  loadlab::Test plan;
  plan.loads.resize(1);
  plan.loads[0].duration = duration;
  plan.loads[0].model = ClosedLoad{LevelProfile::steady(10, ramp, duration), {}, {}};
  return plan;
}

// A process whose metrics are what `value` says of each second; 100 requests a second.
TestResult watched(int seconds, std::map<std::string, std::function<double(int)>> metrics) {
  TestResult test;
  test.seconds = seconds;
  ProbeSeries series;
  series.probe = "process";
  series.label = "service (pid 7)";
  series.interval = 1;
  for (const auto& [name, value] : metrics) {
    MetricSeries metric;
    metric.name = name;
    metric.unit = name == "memory" ? "MB" : "";
    for (int i = 0; i < seconds; ++i) metric.values.push_back(value(i));
    series.metrics.push_back(std::move(metric));
  }
  for (int i = 0; i < seconds; ++i) {
    series.at.push_back(i + 0.5);
    Second second;
    second.index = i;
    second.requests = 100;
    test.series.push_back(second);
  }
  test.probes.push_back(std::move(series));
  return test;
}

LeakFinding memory_of(int seconds, const std::function<double(int)>& value, const LeakRules& rules = {}) {
  loadlab::Test plan = users_for(std::chrono::seconds(seconds));
  plan.leaks = rules;
  const Leaks leaks = judge_leaks(plan, watched(seconds, {{"memory", value}}));
  EXPECT_EQ(leaks.findings.size(), 1u) << leaks.not_judged;
  return leaks.findings.empty() ? LeakFinding() : leaks.findings[0];
}

TEST(Leaks, a_kilobyte_a_request_is_a_leak_with_its_slope) {
  base::Random random(1);
  const LeakFinding found = memory_of(20, [&](int i) { return 50 + 0.1 * i + 0.01 * random.normal(); });
  EXPECT_EQ(found.verdict, LeakVerdict::leak);
  EXPECT_NEAR(found.slope_per_hour, 360, 10);
  EXPECT_NEAR(found.per_thousand_requests.value(), 1, 0.05);
  EXPECT_LT(found.slope_low_per_hour, 360);
  EXPECT_GT(found.slope_high_per_hour, 360);
  EXPECT_EQ(found.from_seconds, 4) << "a fifth to settle";
  EXPECT_NEAR(found.level_to - found.level_from, 1.5, 0.1);
  EXPECT_THAT(found.sentence, HasSubstr("memory leaks: "));
  EXPECT_THAT(found.sentence, HasSubstr("MB per 1,000 requests"));
}

TEST(Leaks, what_stays_where_it_is_does_not_leak_and_says_what_would_have_been_seen) {
  const LeakFinding found = memory_of(20, [](int i) { return i < 9 ? 50 : 50.132; });
  EXPECT_EQ(found.verdict, LeakVerdict::none);
  EXPECT_NEAR(found.smallest_per_hour, 0.5 * 3600 / 16, 10);
  EXPECT_THAT(found.sentence, HasSubstr("would have been seen"));
}

TEST(Leaks, a_stated_slope_that_the_test_could_not_see_is_undecided_with_the_length_that_would_tell) {
  LeakRules rules;
  rules.slopes["memory"] = 2;
  const LeakFinding found = memory_of(
      20, [](int) { return 50; }, rules);
  EXPECT_EQ(found.verdict, LeakVerdict::undecided);
  EXPECT_NEAR(found.seconds_to_decide.value(), 900, 1) << "half a megabyte at 2 MB an hour";
  EXPECT_THAT(found.sentence, HasSubstr("15 min"));
}

TEST(Leaks, a_rise_within_its_own_noise_is_undecided) {
  base::Random random(2);
  const LeakFinding found = memory_of(40, [&](int i) { return 50 + 0.08 * i + 1.6 * random.normal(); });
  EXPECT_EQ(found.verdict, LeakVerdict::undecided) << found.chance;
  EXPECT_GT(found.seconds_to_decide.value(), 32);
}

TEST(Leaks, a_cache_that_fills_is_no_leak) {
  EXPECT_EQ(memory_of(40, [](int i) { return 50 + 20 * (1 - std::exp(-i / 8.0)); }).verdict, LeakVerdict::none);
  EXPECT_EQ(memory_of(40, [](int i) { return 50 + std::min(i, 18); }).verdict, LeakVerdict::none);
  const LeakFinding slow = memory_of(40, [](int i) { return 50 + 40 * (1 - std::exp(-i / 16.0)); });
  EXPECT_EQ(slow.verdict, LeakVerdict::undecided);
  EXPECT_THAT(slow.sentence, HasSubstr("slows down"));
  EXPECT_GT(slow.seconds_to_decide.value(), 40);
}

TEST(Leaks, a_sawtooth_is_judged_by_its_troughs) {
  const LeakFinding clean = memory_of(60, [](int i) { return 50 + 2 * (i % 5); });
  EXPECT_EQ(clean.verdict, LeakVerdict::none);
  EXPECT_THAT(clean.sentence, HasSubstr("lowest levels do not rise"));
  EXPECT_EQ(memory_of(60, [](int i) { return 50 + 2 * (i % 5) + 0.3 * i; }).verdict, LeakVerdict::leak);
}

TEST(Leaks, one_rise_and_fall_within_a_short_test_is_no_leak) {
  EXPECT_EQ(memory_of(30, [](int i) { return i < 15 ? 50 + i : 50; }).verdict, LeakVerdict::none);
  EXPECT_NE(memory_of(30, [](int i) { return i < 15 ? 50 + 2 * i : 40 + i; }).verdict, LeakVerdict::leak);
}

TEST(Leaks, false_alarms_keep_their_bound_on_noise_that_resembles_itself) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(base::mix(seed));
    double level = 0;
    alarms += memory_of(40, [&](int) {
                level = 0.5 * level + random.normal();
                return 50 + level;
              }).verdict == LeakVerdict::leak;
  }
  EXPECT_LE(alarms, 6) << "1 % is 3 of 300";
}

TEST(Leaks, connections_are_added_up_over_their_states) {
  const TestResult test = watched(20, {{"sockets_established", [](int) { return 10; }},
                                       {"sockets_close_wait", [](int i) { return 5 * i; }},
                                       {"sockets_other", [](int i) { return i == 9 ? kGap : 0; }}});
  const Leaks leaks = judge_leaks(users_for(20s), test);
  ASSERT_EQ(leaks.findings.size(), 1u);
  EXPECT_EQ(leaks.findings[0].resource, "connections");
  EXPECT_EQ(leaks.findings[0].verdict, LeakVerdict::leak);
  EXPECT_NEAR(leaks.findings[0].slope_per_hour, 5 * 3600, 1);
}

TEST(Leaks, a_metric_that_the_plan_names_is_judged) {
  TestResult test = watched(20, {{"threads", [](int) { return 8; }}, {"sessions_open", [](int i) { return 3 * i; }}});
  loadlab::Test plan = users_for(20s);
  EXPECT_EQ(judge_leaks(plan, test).findings.size(), 1u);
  plan.leaks.metrics["sessions_open"] = 10;
  const Leaks leaks = judge_leaks(plan, test);
  ASSERT_EQ(leaks.findings.size(), 2u);
  EXPECT_EQ(leaks.findings[1].resource, "sessions_open");
  EXPECT_EQ(leaks.findings[1].verdict, LeakVerdict::leak);
  EXPECT_NEAR(leaks.findings[1].false_alarm_percent, 0.5, 1e-9) << "the plan's 1 % split in two";
}

TEST(Leaks, a_metric_that_no_probe_reads_is_undecided_and_named) {
  loadlab::Test plan = users_for(20s);
  plan.leaks.metrics["sesions_open"] = 10;
  const Leaks leaks = judge_leaks(plan, watched(20, {{"threads", [](int) { return 8; }}}));
  ASSERT_EQ(leaks.findings.size(), 2u);
  EXPECT_EQ(leaks.findings[1].verdict, LeakVerdict::undecided);
  EXPECT_THAT(leaks.findings[1].sentence, HasSubstr("no probe read a metric of this name"));
  EXPECT_THAT(judge_leaks(plan, TestResult()).not_judged, HasSubstr("'sesions_open'"));
}

TEST(Leaks, a_named_metric_that_never_moves_or_was_hardly_read_is_undecided_where_its_slope_could_not_be_seen) {
  loadlab::Test plan = users_for(40s);
  plan.leaks.metrics["pool_size"] = 5;
  const Leaks constant = judge_leaks(plan, watched(40, {{"pool_size", [](int) { return 2; }}}));
  ASSERT_EQ(constant.findings.size(), 1u);
  EXPECT_EQ(constant.findings[0].verdict, LeakVerdict::none) << "it stays where it is";
  const Leaks noisy = judge_leaks(plan, watched(40, {{"pool_size", [](int i) { return i * 7 % 5; }}}));
  EXPECT_EQ(noisy.findings[0].verdict, LeakVerdict::undecided) << noisy.findings[0].sentence;
  const Leaks seldom = judge_leaks(plan, watched(40, {{"pool_size", [](int i) { return i % 8 == 0 ? i : kGap; }}}));
  ASSERT_EQ(seldom.findings.size(), 1u);
  EXPECT_EQ(seldom.findings[0].verdict, LeakVerdict::undecided);
  EXPECT_THAT(seldom.findings[0].sentence, HasSubstr("4 values were read"));
}

TEST(Leaks, whose_it_is_is_said_where_several_hold_such) {
  TestResult test = watched(20, {{"sockets_established", [](int i) { return 9.0 * i; }}});
  ProbeSeries redis = test.probes[0];
  redis.probe = "redis";
  redis.label = "redis://127.0.0.1";
  redis.metrics[0].name = "clients";
  test.probes.push_back(redis);
  const Leaks leaks = judge_leaks(users_for(20s), test);
  ASSERT_EQ(leaks.findings.size(), 2u);
  EXPECT_THAT(leaks.findings[0].sentence, HasSubstr("connections of service (pid 7) leak: "));
  EXPECT_THAT(leaks.findings[1].sentence, HasSubstr("connections of redis://127.0.0.1 leak: "));
  EXPECT_LE(leaks.findings[0].smallest_per_hour, leaks.findings[0].slope_per_hour);
}

TEST(Leaks, short_and_ever_moving_loads_are_not_judged_and_say_why) {
  const auto rising = [](int i) { return 50.0 + i; };
  EXPECT_THAT(judge_leaks(users_for(8s), watched(8, {{"memory", rising}})).not_judged, HasSubstr("steady for 6.4 s"));
  EXPECT_THAT(judge_leaks(users_for(60s, 60s), watched(60, {{"memory", rising}})).not_judged,
              HasSubstr("leaks need 10 s"));
  EXPECT_THAT(judge_leaks(users_for(60s), TestResult()).not_judged, HasSubstr("nothing was watched"));
  loadlab::Test off = users_for(60s);
  off.leaks.judged = false;
  EXPECT_THAT(judge_leaks(off, watched(60, {{"memory", rising}})).not_judged, HasSubstr("the plan says"));
}

TEST(Leaks, the_steady_part_is_the_longest_level_stretch_after_the_warm_up) {
  loadlab::Test plan = users_for(60s, 10s);
  TestResult test;
  test.seconds = 60;
  EXPECT_EQ(steady_part(plan, test).from, 20) << "the ramp, and a fifth of the rest";
  test.warm_up_seconds = 15;
  EXPECT_EQ(steady_part(plan, test).from, 15) << "the warm-up is the time to settle";
  test.seconds = 40;
  EXPECT_EQ(steady_part(plan, test).to, 40) << "as far as the test came";
  plan.loads.push_back(plan.loads[0]);
  plan.loads[1].start = 30s;
  test.seconds = 90;
  EXPECT_EQ(steady_part(plan, test).from, 60 + 0.2 * 30) << "the first load ends at 60 s, the second at 90 s";
}

TEST(Leaks, a_leak_fails_the_test_unless_it_only_warns) {
  TestResult test = watched(20, {{"memory", [](int i) { return 50.0 + i; }}});
  test.total.requests = 2000;
  loadlab::Test plan = users_for(20s);
  judge(plan, test);
  EXPECT_EQ(test.verdict, Verdict::fail);
  plan.leaks.severity = Severity::warn;
  judge(plan, test);
  EXPECT_EQ(test.verdict, Verdict::pass);
  EXPECT_TRUE(test.leaks.any(LeakVerdict::leak));
}

}  // namespace
}  // namespace loadlab
