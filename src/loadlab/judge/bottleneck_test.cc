#include "loadlab/judge/bottleneck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

loadlab::Test closed() {
  loadlab::Test plan;
  plan.target.host = "127.0.0.1";
  plan.loads.resize(1);
  plan.loads[0].duration = 20s;
  plan.loads[0].model = ClosedLoad{LevelProfile::steady(20, 10s, 20s), {}, {}};
  plan.loads[0].journeys.resize(1);
  plan.loads[0].journeys[0].steps.resize(1);
  return plan;
}

// Users from 1 to 20 within 10 s, then 10 s more; as many are served at once as `servers`, each for `service_ms`.
TestResult served(double servers, double service_ms) {
  TestResult test;
  test.target = "http://127.0.0.1:8080";
  test.seconds = test.planned_seconds = 20;
  test.generator.cores = 4;
  for (int i = 0; i < 20; ++i) {
    Second second;
    second.index = i;
    second.users = std::min(20, 2 * i + 1);
    const double rate = std::min(second.users, servers) / service_ms * 1000;
    second.requests = static_cast<std::uint64_t>(rate);
    second.response_p50_ms = service_ms * std::max(1.0, second.users / servers);
    test.series.push_back(second);
    test.total.requests += second.requests;
  }
  test.total.timings.response.record(std::chrono::nanoseconds(static_cast<std::int64_t>(1e6 * service_ms)));
  test.resources.cpu_ms_per_request = 0.2;
  return test;
}

void watch(TestResult& test, const std::string& probe, std::vector<std::pair<std::string, double>> metrics,
           const std::string& part = "") {
  ProbeSeries series;
  series.probe = probe;
  series.label = "service";
  series.part = part;
  series.interval = 1;
  for (int i = 0; i < 20; ++i) series.at.push_back(i + 0.5);
  for (auto& [name, value] : metrics) {
    MetricSeries metric;
    metric.name = name;
    metric.values.assign(20, value);
    series.metrics.push_back(std::move(metric));
  }
  test.probes.push_back(std::move(series));
}

std::string first_cause(const Bottleneck& bottleneck) {
  return bottleneck.candidates.empty() ? "" : bottleneck.candidates[0].cause;
}

TEST(Bottleneck, a_service_that_is_hardly_asked_has_none_though_its_answers_vary) {
  TestResult test = served(100, 0.3);
  for (Second& second : test.series) {
    second.requests = 150;
    second.response_p50_ms = second.index < 5 ? 0.3 : 0.5;
  }
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_NE(found.pressure, Pressure::saturated) << found.sentence;
}

TEST(Bottleneck, a_full_machine_is_one_from_the_first_second_on) {
  TestResult test = served(100, 18);
  for (Second& second : test.series) {
    second.users = 32;
    second.requests = 900;
    second.cpu_percent = 94;
  }
  test.resources.cpu_ms_per_request = 1.1;
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(found.pressure, Pressure::saturated);
  ASSERT_EQ(found.candidates.size(), 1u) << "and nothing else, with no core to spare";
  EXPECT_EQ(first_cause(found), "cpu");
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("94 % of the machine"));
  EXPECT_EQ(found.sentence, "Saturated at 900 answers a second, which take 18 ms.");
  for (Second& second : test.series) second.cpu_percent = 40;
  const Bottleneck waiting = judge_bottleneck(closed(), test);
  EXPECT_EQ(waiting.pressure, Pressure::waiting);
  EXPECT_THAT(waiting.sentence, testing::Not(HasSubstr("whatever the load"))) << "the load never was another";
  EXPECT_THAT(waiting.candidates.at(0).evidence, testing::Not(HasSubstr("whatever the load")));
}

// Ten users who never think, from the first second on, on one core of four.
TestResult on_one_core(double busiest_thread) {
  TestResult test = served(100, 20);
  for (Second& second : test.series) second.users = 10;
  test.resources.cpu_ms_per_request = 2;
  watch(test, "machine", {{"cpu", 40}});
  watch(test, "process", {{"cpu", 25}, {"run_queue_wait", 0.2}, {"busiest_thread", busiest_thread}});
  return test;
}

TEST(Bottleneck, users_who_wait_for_one_full_core_wait_for_nothing_behind_it) {
  const Bottleneck single = judge_bottleneck(closed(), on_one_core(99));
  EXPECT_EQ(single.pressure, Pressure::saturated) << single.sentence;
  EXPECT_EQ(first_cause(single), "one worker");
  const Bottleneck in_turn = judge_bottleneck(closed(), on_one_core(12));
  EXPECT_EQ(in_turn.pressure, Pressure::saturated) << in_turn.sentence;
  EXPECT_EQ(first_cause(in_turn), "one worker");
  EXPECT_THAT(in_turn.candidates[0].evidence, HasSubstr("100 % of one core"));
  TestResult crowded = on_one_core(12);
  crowded.probes.erase(crowded.probes.begin());
  crowded.generator.machine_percent = 97;
  crowded.probes[0].metrics[1].values.assign(20, 40);  // run_queue_wait
  const Bottleneck full = judge_bottleneck(closed(), crowded);
  EXPECT_EQ(full.pressure, Pressure::saturated) << full.sentence;
  EXPECT_EQ(first_cause(full), "cpu") << "others had the other cores, and its threads waited for one";
  TestResult exact = on_one_core(12);
  watch(exact, "prometheus", {{"downstream_seconds_total", 9}});
  EXPECT_EQ(judge_bottleneck(closed(), exact).pressure, Pressure::waiting) << "it says itself what it waits for";
}

TEST(Bottleneck, a_target_with_room_has_none) {
  const Bottleneck found = judge_bottleneck(closed(), [] {
    TestResult test = served(100, 4);
    test.resources.cpu_ms_per_request = 2;
    return test;
  }());
  EXPECT_EQ(found.pressure, Pressure::none);
  EXPECT_THAT(found.candidates, IsEmpty());
}

TEST(Bottleneck, littles_law_counts_how_many_are_served_at_once) {
  TestResult two = served(2, 10);
  watch(two, "process", {{"cpu", 2}});
  const Bottleneck pool = judge_bottleneck(closed(), two);
  EXPECT_EQ(pool.pressure, Pressure::saturated);
  EXPECT_NEAR(pool.rate_reached.value(), 200, 1);
  EXPECT_NEAR(pool.parallel.value(), 2, 0.05);
  EXPECT_EQ(first_cause(pool), "pool");
  EXPECT_THAT(pool.candidates[0].advice, HasSubstr("a pool of about 2"));
  TestResult one = served(1, 10);
  watch(one, "process", {{"cpu", 2}});
  EXPECT_EQ(first_cause(judge_bottleneck(closed(), one)), "lock");
}

TEST(Bottleneck, of_arrivals_that_were_too_many_from_the_start_nobody_knows_the_pool) {
  TestResult test = served(2, 10);
  for (Second& second : test.series) {
    second.users = 400.0 * (second.index + 1);
    second.requests = 200;
    second.response_p50_ms = 2000 * (second.index + 0.5);
  }
  watch(test, "process", {{"cpu", 2}});
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(found.pressure, Pressure::saturated);
  EXPECT_THAT(found.sentence, testing::Not(HasSubstr("served at once")));
  EXPECT_EQ(first_cause(found), "pool");
  EXPECT_THAT(found.candidates[0].advice, HasSubstr("look for a pool: connections"));
}

TEST(Bottleneck, answers_that_take_long_whatever_the_load_wait_for_something_behind) {
  const Bottleneck found = judge_bottleneck(closed(), served(100, 120));
  EXPECT_EQ(found.pressure, Pressure::waiting);
  EXPECT_EQ(first_cause(found), "downstream");
}

TEST(Bottleneck, a_full_machine_and_a_full_worker_are_told_apart) {
  TestResult all = served(4, 10);
  watch(all, "machine", {{"cpu", 99}});
  watch(all, "process", {{"cpu", 92}, {"run_queue_wait", 30}});
  EXPECT_EQ(first_cause(judge_bottleneck(closed(), all)), "cpu");
  TestResult one = served(1, 2);
  watch(one, "machine", {{"cpu", 30}});
  watch(one, "process", {{"cpu", 25}});
  watch(one, "process", {{"cpu", 24.5}}, "worker 7");
  watch(one, "process", {{"cpu", 0.1}}, "worker 8");
  const Bottleneck found = judge_bottleneck(closed(), one);
  EXPECT_EQ(first_cause(found), "one worker");
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("worker 7 was at work, or ready to be, 98 % of the time"));
}

TEST(Bottleneck, a_process_of_one_busy_thread_is_one_worker_and_one_of_several_is_not) {
  TestResult one = served(1, 2);
  watch(one, "process", {{"cpu", 24}, {"run_queue_wait", 1}, {"busiest_thread", 97}});
  const Bottleneck found = judge_bottleneck(closed(), one);
  EXPECT_EQ(first_cause(found), "one worker");
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("97 % of the time, all others together 3 %"));
  TestResult several = served(100, 2);
  several.resources.cpu_ms_per_request = 1;
  watch(several, "process", {{"cpu", 25}, {"run_queue_wait", 8}, {"busiest_thread", 40}});
  EXPECT_THAT(judge_bottleneck(closed(), several).candidates, IsEmpty()) << "as much as one core, and room on each";
}

TEST(Bottleneck, a_disk_that_each_request_writes_to_comes_before_a_lock) {
  TestResult test = served(1, 6);
  watch(test, "machine", {{"cpu", 20}, {"disk_busy", 97}});
  watch(test, "process", {{"cpu", 2}, {"disk_written", 10}, {"disk_read", 0}});
  EXPECT_EQ(first_cause(judge_bottleneck(closed(), test)), "disk");
  TestResult cached = served(1, 6);
  watch(cached, "machine", {{"cpu", 20}, {"disk_busy", 1}, {"pressure_io", 0.5}});
  watch(cached, "process", {{"cpu", 2}, {"disk_written", 10}, {"disk_read", 0}});
  for (const Candidate& candidate : judge_bottleneck(closed(), cached).candidates) EXPECT_NE(candidate.cause, "disk");
}

TEST(Bottleneck, a_load_that_never_changes_shows_only_what_is_plainly_full) {
  TestResult test = served(100, 4);
  for (Second& second : test.series) second.users = 20;
  test.resources.cpu_ms_per_request = 2;
  EXPECT_THAT(judge_bottleneck(closed(), test).sentence, HasSubstr("a load that rises would show"));
  watch(test, "machine", {{"cpu", 99}});
  watch(test, "process", {{"cpu", 95}, {"run_queue_wait", 30}});
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(found.pressure, Pressure::saturated);
  EXPECT_EQ(first_cause(found), "cpu");
}

TEST(Bottleneck, refusals_are_a_limit) {
  TestResult test = served(100, 4);
  test.total.faults[status_fault(429)] = test.total.failed = test.total.requests / 2;
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(found.pressure, Pressure::limited);
  EXPECT_EQ(first_cause(found), "rate limit");
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("50 %"));
  watch(test, "machine", {{"cpu", 99}});
  watch(test, "process", {{"cpu", 60}, {"run_queue_wait", 60}});
  EXPECT_EQ(first_cause(judge_bottleneck(closed(), test)), "rate limit") << "however busy it is with refusing";
}

TEST(Bottleneck, connections_that_take_a_lost_packets_time_found_a_full_accept_queue) {
  TestResult test = served(2, 5);
  for (int i = 0; i < 100; ++i) test.openings.connect.record(i < 90 ? 1ms : 1020ms);
  watch(test, "machine", {{"cpu", 10}, {"listen_overflows", 12}});
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(first_cause(found), "accept queue");
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("12 connections a second"));
}

TEST(Bottleneck, the_targets_own_metrics_come_first) {
  TestResult test = served(1, 10);
  watch(test, "process", {{"cpu", 2}});
  watch(test, "prometheus",
        {{"db_pool_in_use{db=\"main\"}", 1}, {"db_pool_size{db=\"main\"}", 1}, {"db_pool_waiting{db=\"main\"}", 19}});
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(first_cause(found), "pool");
  EXPECT_TRUE(found.candidates[0].exact);
  EXPECT_THAT(found.candidates[0].evidence, HasSubstr("the pool of 1 is 100 % in use and 19 requests wait"));
}

TEST(Bottleneck, time_spent_waiting_is_set_against_all_requests_time) {
  TestResult test = served(1, 10);  // 100 a second take 200 ms each: 20 seconds a second
  watch(test, "prometheus", {{"lock_wait_seconds_total", 19}, {"downstream_seconds_total", 0.4}});
  const Bottleneck found = judge_bottleneck(closed(), test);
  EXPECT_EQ(first_cause(found), "lock");
  EXPECT_TRUE(found.candidates[0].exact);
  for (const Candidate& candidate : found.candidates) EXPECT_FALSE(candidate.cause == "downstream" && candidate.exact);
}

TEST(Bottleneck, a_plan_names_the_metrics_of_an_unusual_target) {
  TestResult test = served(1, 10);
  watch(test, "prometheus", {{"waited", 19}});
  loadlab::Test plan = closed();
  EXPECT_FALSE(judge_bottleneck(plan, test).candidates[0].exact);
  plan.causes[{"downstream", "time"}] = "waited";
  const Bottleneck found = judge_bottleneck(plan, test);
  EXPECT_EQ(first_cause(found), "downstream");
  EXPECT_TRUE(found.candidates[0].exact);
}

TEST(Bottleneck, a_metric_that_no_probe_reads_is_named) {
  TestResult test = served(100, 1);
  watch(test, "prometheus", {{"shop_db_size", 10}});
  loadlab::Test plan = closed();
  plan.causes[{"pool", "size"}] = "shop_db_size";
  plan.causes[{"pool", "used"}] = "shop_db_bussy";
  const std::string said = judge_bottleneck(plan, test).sentence;
  EXPECT_THAT(said, HasSubstr("'shop_db_bussy', which no probe read"));
  EXPECT_THAT(said, testing::Not(HasSubstr("shop_db_size")));
}

}  // namespace
}  // namespace loadlab
