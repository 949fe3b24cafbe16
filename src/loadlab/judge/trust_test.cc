#include "loadlab/judge/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

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
  OpenLoad load;
  load.rate = LevelProfile::steady(100, 0s, 10s);
  plan.loads[0].model = load;
  plan.loads[0].duration = 10s;
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
  const Trust trust = judge_trust(closed_without_think(), with({{1000, 50us, 5ms}}));
  EXPECT_TRUE(trust.trusted);
  EXPECT_THAT(trust.reasons, IsEmpty());
  EXPECT_THAT(trust.notes, IsEmpty());
  EXPECT_EQ(trust.late_sends, 0u);
  EXPECT_NEAR(trust.send_lag_p99_ms, 0.05, 0.001);
}

TEST(Trust, a_millisecond_is_allowed_whatever_the_response) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{1000, 990us, 2ms}})).trusted);
  const Trust trust = judge_trust(closed_without_think(), with({{1000, 1100us, 2ms}}));
  EXPECT_FALSE(trust.trusted);
  EXPECT_EQ(trust.late_sends, 1000u);
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("1 % of its sends by more than 1.1 ms, where 1.0 ms are allowed"));
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("Use more threads"));
}

TEST(Trust, a_tenth_of_a_long_response_is_allowed) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{1000, 9900us, 100ms}})).trusted);
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{1000, 10100us, 100ms}})).trusted);
}

TEST(Trust, a_plan_whose_bounds_are_wide_may_allow_more_and_is_told_what_it_adds) {
  loadlab::Test plan = closed_without_think();
  plan.allowed_send_lag = 5ms;
  const Trust within = judge_trust(plan, with({{980, 0us, 4ms}, {20, 4ms, 8ms}}));
  EXPECT_TRUE(within.trusted);
  ASSERT_EQ(within.notes.size(), 1u);
  EXPECT_THAT(within.notes[0], HasSubstr("more than 4.0 ms late, of 5.0 ms that the plan allows: the p99 response time "
                                         "of 8.0 ms may be 4.0 ms too high"));
  const Trust above = judge_trust(plan, with({{980, 0us, 4ms}, {20, 6ms, 10ms}}));
  EXPECT_FALSE(above.trusted);
  EXPECT_EQ(above.late_sends, 20u);
  EXPECT_THAT(above.reasons.at(0), HasSubstr("by more than 6.0 ms, where 5.0 ms are allowed"));
  // Whatever may be late now and then, not everything.
  EXPECT_FALSE(judge_trust(plan, with({{1000, 2ms, 4ms}})).trusted);
  EXPECT_THAT(judge_trust(plan, with({{1000, 500us, 4ms}})).notes, IsEmpty());
}

TEST(Trust, one_percent_may_be_late) {
  EXPECT_TRUE(judge_trust(closed_without_think(), with({{9910, 0us, 5ms}, {90, 5ms, 10ms}})).trusted);
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{9890, 0us, 5ms}, {110, 5ms, 10ms}})).trusted);
}

TEST(Trust, rare_stalls_that_bend_the_average_are_seen) {
  const Trust trust = judge_trust(closed_without_think(), with({{9950, 0us, 5ms}, {50, 1s, 1005ms}}));
  EXPECT_FALSE(trust.trusted);
  ASSERT_EQ(trust.reasons.size(), 1u);
  EXPECT_THAT(trust.reasons[0], HasSubstr("5.0 ms late on average"));
}

TEST(Trust, a_bent_tail_is_a_note) {
  const Trust trust = judge_trust(closed_without_think(), with({{9950, 0us, 5ms}, {50, 20ms, 25ms}}));
  EXPECT_TRUE(trust.trusted);
  EXPECT_EQ(trust.late_sends, 50u);
  ASSERT_EQ(trust.notes.size(), 1u);
  EXPECT_THAT(trust.notes[0], HasSubstr("not on p99.9 and the maximum"));
}

TEST(Trust, a_single_hiccup_in_a_short_test_is_a_note) {
  const Trust trust = judge_trust(closed_without_think(), with({{46, 0us, 5ms}, {4, 20ms, 25ms}}));
  EXPECT_TRUE(trust.trusted);
  ASSERT_EQ(trust.notes.size(), 1u);
  EXPECT_THAT(trust.notes[0], HasSubstr("4 of 50 sends came late, by up to 20.0 ms: too few"));
  EXPECT_FALSE(judge_trust(closed_without_think(), with({{45, 0us, 5ms}, {5, 20ms, 25ms}})).trusted);
}

TEST(Trust, nothing_sent_is_nothing_late) { EXPECT_TRUE(judge_trust(closed_without_think(), TestResult()).trusted); }

TestResult busy(TestResult test, double percent) {
  test.generator.worker_percents = {percent / 2, percent};
  return test;
}

TestResult failing(TestResult test, Fault fault, std::uint64_t times) {
  test.total.faults[fault] = times;
  test.total.failed += times;
  return test;
}

TEST(Trust, the_stated_error_is_what_lag_can_have_added_at_most) {
  const Trust constant = judge_trust(closed_without_think(), with({{1000, 50us, 5ms}}));
  EXPECT_NEAR(constant.error_p99_ms.value(), 0.05, 0.001);
  EXPECT_NEAR(constant.error_p99_percent.value(), 1, 0.01);
  EXPECT_NEAR(constant.error_mean_ms.value(), 0.05, 0.001);
  // One stall in ten thousand doesn't reach the p99, whose neighbours are all alike.
  EXPECT_NEAR(judge_trust(closed_without_think(), with({{9999, 0us, 5ms}, {1, 800ms, 5ms}})).error_p99_ms.value(), 0,
              0.01);
  // The p99 is made of late requests alone: without their lag it would be 5 ms.
  EXPECT_NEAR(judge_trust(closed_without_think(), with({{9700, 0us, 5ms}, {300, 20ms, 25ms}})).error_p99_ms.value(), 20,
              0.03);
  EXPECT_FALSE(judge_trust(closed_without_think(), TestResult()).error_p99_ms);
}

TEST(Trust, failures_for_want_of_ports_or_descriptors_are_the_generators_own) {
  const TestResult well = with({{10'000, 0us, 5ms}});
  const Trust few = judge_trust(closed_without_think(), failing(well, Fault::no_ports, 10));
  EXPECT_TRUE(few.trusted) << "0.1 % is allowed";
  EXPECT_THAT(few.notes.at(0), HasSubstr("10 of 10000 requests failed for want of the generator's own ports"));
  const Trust many = judge_trust(closed_without_think(), failing(well, Fault::no_descriptors, 200));
  EXPECT_FALSE(many.trusted);
  EXPECT_EQ(many.own_failures, 200u);
  EXPECT_THAT(many.reasons.at(0), HasSubstr("own descriptors, so that the error rate is 2 points too high"));
  EXPECT_THAT(many.reasons.at(0), HasSubstr("ulimit -n"));
  EXPECT_TRUE(judge_trust(closed_without_think(), failing(well, Fault::connect_refused, 9000)).trusted)
      << "a target that refuses is no fault of the generator's";
}

TEST(Trust, timeouts_of_a_generator_that_slept_are_doubtful) {
  loadlab::Test plan = closed_without_think();
  plan.request_timeout = 2s;
  TestResult test = failing(with({{1000, 0us, 5ms}}), Fault::timeout, 5);
  test.generator.latest_wake = 190ms;
  EXPECT_TRUE(judge_trust(plan, test).trusted);
  test.generator.latest_wake = 210ms;
  const Trust trust = judge_trust(plan, test);
  EXPECT_FALSE(trust.trusted);
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("5 requests timed out, and the generator itself came up to 210 ms late"));
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("may be 0.5 points too high"));
  test.total.faults.clear();
  EXPECT_TRUE(judge_trust(plan, test).trusted) << "nothing timed out";
}

TEST(Trust, drops_of_a_full_generator_are_its_own_and_those_of_a_full_target_are_not) {
  TestResult test = with({{1000, 0us, 5ms}});
  test.iterations = 988;
  test.dropped_iterations = 12;
  EXPECT_TRUE(judge_trust(open_plan(), busy(test, 96)).trusted);
  const Trust trust = judge_trust(open_plan(), busy(test, 99));
  EXPECT_FALSE(trust.trusted);
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("12 of 1000 arrivals (1.2 %) were dropped while a worker was busy 99 %"));
  test.resources.avg_cpu_percent = 95;
  EXPECT_TRUE(judge_trust(open_plan(), busy(test, 99)).trusted);
}

TEST(Trust, an_open_model_comes_to_as_many_arrivals_as_planned) {
  TestResult test = with({{1000, 0us, 5ms}});
  test.iterations = 850;
  EXPECT_TRUE(judge_trust(open_plan(), test).trusted) << "five deviations of a Poisson process of 1000";
  EXPECT_EQ(judge_trust(open_plan(), test).planned_iterations, 1000);
  test.iterations = 830;
  const Trust few = judge_trust(open_plan(), test);
  EXPECT_FALSE(few.trusted);
  EXPECT_THAT(few.reasons.at(0),
              HasSubstr("The plan had 1000 arrivals, and the generator came to 830 of them: the load "
                        "was 17 % lower than planned"));
  test.dropped_iterations = 170;
  EXPECT_TRUE(judge_trust(open_plan(), test).trusted) << "what was dropped was come to";
  test.dropped_iterations = 0;
  test.stopped = "interrupted";
  EXPECT_TRUE(judge_trust(open_plan(), test).trusted) << "not all of its time has passed";
  test.stopped.clear();
  test.iterations = 997;
  loadlab::Test uniform = open_plan();
  std::get<OpenLoad>(uniform.loads[0].model).arrivals = Arrivals::uniform;
  EXPECT_FALSE(judge_trust(uniform, test).trusted);
  test.iterations = 999;
  EXPECT_TRUE(judge_trust(uniform, test).trusted);
  loadlab::Test replayed = open_plan();
  auto& load = std::get<OpenLoad>(replayed.loads[0].model);
  load.arrivals = Arrivals::replay;
  load.times = std::make_shared<const std::vector<Nanoseconds>>(1000, 3s);
  EXPECT_TRUE(judge_trust(replayed, test).trusted);
  test.iterations = 990;
  EXPECT_FALSE(judge_trust(replayed, test).trusted);
  replayed.loads.push_back(closed_without_think().loads[0]);
  EXPECT_TRUE(judge_trust(replayed, test).trusted) << "users beside it begin as many iterations as they get to";
}

TEST(Trust, a_host_that_takes_the_machine_away_bends_everything) {
  TestResult test = with({{1000, 0us, 5ms}});
  test.generator.steal_percent = 5;
  EXPECT_TRUE(judge_trust(closed_without_think(), test).trusted);
  test.generator.steal_percent = 8;
  const Trust trust = judge_trust(closed_without_think(), test);
  EXPECT_FALSE(trust.trusted);
  EXPECT_THAT(trust.reasons.at(0), HasSubstr("took 8.0 % of its time for other guests, where 5 % are allowed"));
}

TEST(Trust, steal_that_a_plan_allows_is_trusted_where_every_bound_holds_with_room) {
  loadlab::Test plan = closed_without_think();
  plan.allowed_steal_percent = 15;
  for (const char* bound : {"p95(response_time) < 10ms", "rate(requests) > 100/s"})
    plan.thresholds.push_back(parse_threshold(bound).value());
  TestResult test = with({{1000, 0us, 5ms}});
  test.generator.steal_percent = 8;
  const auto outcome = [&](std::size_t threshold, double margin) {
    ThresholdOutcome made;
    made.expression = plan.thresholds[threshold].expression;
    made.margin = margin;
    made.passed = margin >= 0;
    return made;
  };
  test.thresholds = {outcome(0, 0.51), outcome(1, 0.01)};
  const Trust trust = judge_trust(plan, test);
  EXPECT_TRUE(trust.trusted);
  EXPECT_EQ(trust.allowed_steal_percent, 8);
  EXPECT_THAT(trust.notes.at(0), HasSubstr("took 8.0 % of its time for other guests, of 15 % that the plan allows"));

  test.thresholds[0] = outcome(0, 0.49);
  const Trust narrow = judge_trust(plan, test);
  EXPECT_FALSE(narrow.trusted);
  EXPECT_EQ(narrow.allowed_steal_percent, std::nullopt);
  EXPECT_THAT(narrow.reasons.at(0), HasSubstr("as it could about 'p95(response_time) < 10ms'"));
  test.thresholds[0].warn_only = true;
  EXPECT_TRUE(judge_trust(plan, test).trusted) << "that one decides nothing";
  test.thresholds[1] = outcome(1, -0.49);
  EXPECT_FALSE(judge_trust(plan, test).trusted) << "it may be missed for the steal alone";
  test.thresholds[1] = outcome(1, -0.51);
  EXPECT_TRUE(judge_trust(plan, test).trusted);
  test.thresholds[0] = outcome(0, -0.99);
  EXPECT_FALSE(judge_trust(plan, test).trusted);
  test.thresholds[0] = outcome(0, -1.01);
  EXPECT_TRUE(judge_trust(plan, test).trusted);
  test.thresholds[0].margin.reset();
  EXPECT_FALSE(judge_trust(plan, test).trusted) << "nobody knows by how much";
  test.thresholds[0] = outcome(0, 0.51);
  test.generator.steal_percent = 15.1;
  EXPECT_FALSE(judge_trust(plan, test).trusted);
  test.generator.steal_percent = 5;
  EXPECT_EQ(judge_trust(plan, test).allowed_steal_percent, std::nullopt) << "that is usual";
}

TEST(Trust, sharing_a_busy_machine_is_priced_and_never_judged) {
  TestResult test = busy(with({{1000, 0us, 5ms}}), 60);
  test.generator.cores = 2;
  test.generator.machine_percent = 97;
  loadlab::Test plan = closed_without_think();
  plan.target.host = "127.0.0.1";
  const Trust trust = judge_trust(plan, test);
  EXPECT_TRUE(trust.trusted);
  EXPECT_THAT(trust.notes.at(0), HasSubstr("was 97 % busy, 45 % with the generator"));
  test.generator.machine_percent = 80;
  EXPECT_THAT(judge_trust(plan, test).notes, IsEmpty());
  test.generator.machine_percent = 97;
  EXPECT_THAT(judge_trust(plan, busy(test, 6)).notes, IsEmpty()) << "it is others that keep the machine busy";
  plan.target.host = "10.0.0.7";
  EXPECT_THAT(judge_trust(plan, test).notes, IsEmpty());
}

TEST(Trust, a_busy_worker_that_is_in_time_is_a_note) {
  TestResult test = with({{1000, 0us, 5ms}});
  test.iterations = 1000;
  EXPECT_THAT(judge_trust(open_plan(), busy(test, 90)).notes, IsEmpty());
  const Trust trust = judge_trust(open_plan(), busy(test, 99));
  EXPECT_TRUE(trust.trusted);
  ASSERT_EQ(trust.notes.size(), 1u);
  EXPECT_THAT(trust.notes[0], HasSubstr("more threads would give it room"));
}

TEST(Trust, a_full_worker_in_a_closed_loop_without_think_time_is_told_clearly) {
  TestResult test = with({{1000, 0us, 5ms}});
  const auto note = [&](const loadlab::Test& plan, double percent) {
    return judge_trust(plan, busy(test, percent)).notes.at(0);
  };
  const loadlab::Test plan = closed_without_think();
  EXPECT_THAT(note(plan, 97.5), HasSubstr("may hold its own queueing; the target was not watched"));
  EXPECT_THAT(note(plan, 96), HasSubstr("more threads would give it room"));
  test.resources.avg_cpu_percent = 48;
  EXPECT_THAT(note(plan, 100), HasSubstr("the target used 48 % of the machine"));
  test.resources.avg_cpu_percent = 95;
  EXPECT_THAT(note(plan, 100), HasSubstr("more threads would give it room"))
      << "a saturated target is what limits the loop";
  loadlab::Test thinking = plan;
  thinking.loads[0].journeys[0].steps[0].think = Delay::always(1s);
  test.resources.avg_cpu_percent.reset();
  EXPECT_THAT(note(thinking, 100), HasSubstr("more threads would give it room"));
}

}  // namespace
}  // namespace loadlab
