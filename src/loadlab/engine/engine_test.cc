#include "loadlab/engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing_support::Answer;
using testing_support::Responder;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

Step get(const std::string& path) {
  Step step;
  step.name = "GET " + path;
  step.method = "GET";
  step.path = {{path}};
  return step;
}

Test test_of(const Responder& responder, std::vector<Step> steps, Nanoseconds duration) {
  Test test;
  test.name = "test";
  test.target.text = responder.url();
  test.target.host = "127.0.0.1";
  test.target.port = responder.port();
  Journey journey;
  journey.name = "journey";
  journey.steps = std::move(steps);
  Load load;
  load.duration = duration;
  load.journeys = {journey};
  load.model = ClosedLoad{LevelProfile::steady(1, 0s, duration), {}, {}};
  test.loads = {load};
  return test;
}

// Gives the test's only load that many users.
void set_users(Test& test, int users, Nanoseconds ramp_up = 0s) {
  test.loads[0].model = ClosedLoad{LevelProfile::steady(users, ramp_up, test.loads[0].duration), {}, {}};
}

TestResult run(const Test& test) {
  const std::atomic<bool> stop = false;
  auto result = run_load(test, base::SystemClock(), stop, [](TestResult&, const Timings&) { return true; });
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(TestResult());
}

// Every sample of a whole result is in its histograms and its seconds, and nowhere twice.
void expect_consistent(const TestResult& result) {
  std::uint64_t steps = 0;
  std::uint64_t seconds = 0;
  std::uint64_t errors = 0;
  std::uint64_t faults = 0;
  for (const StepTally& step : result.steps) steps += step.tally.requests;
  for (const Second& second : result.series) {
    seconds += second.requests;
    errors += second.errors;
  }
  for (const auto& [fault, count] : result.total.faults) faults += count;
  EXPECT_EQ(steps, result.total.requests);
  EXPECT_EQ(seconds, result.total.requests);
  EXPECT_EQ(errors, result.total.failed);
  EXPECT_EQ(faults, result.total.failed);
  EXPECT_EQ(result.total.timings.response.count(), result.total.requests);
}

TEST(Engine, counts_exactly_what_the_server_counts) {
  Responder responder;
  LoadTest test = test_of(responder, {get("/a"), get("/b")}, 1500ms);
  set_users(test, 8, 200ms);
  test.threads = 2;
  const TestResult result = run(test);
  EXPECT_GT(result.total.requests, 100u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(result.total.requests, responder.requests());
  ASSERT_EQ(result.steps.size(), 2u);
  EXPECT_EQ(result.steps[0].tally.requests, responder.requests("GET /a"));
  EXPECT_EQ(result.steps[1].tally.requests, responder.requests("GET /b"));
  EXPECT_EQ(responder.connections(), 1 + 8u) << "one to see whether it is there, then one a user, kept alive";
  EXPECT_EQ(result.max_users, 8);
  ASSERT_EQ(result.series.size(), 2u);
  expect_consistent(result);
}

TEST(Engine, response_time_is_the_sum_of_waiting_lateness_and_service) {
  Responder responder([](const std::string&, const std::string&) { return Answer{200, "ok", 50ms}; });
  LoadTest test = test_of(responder, {get("/")}, 1s);
  set_users(test, 4);
  const TestResult result = run(test);
  const Timings& times = result.total.timings;
  EXPECT_GE(times.service.min(), 49'000'000u);
  EXPECT_NEAR(times.response.mean(), times.connection_wait.mean() + times.send_lag.mean() + times.service.mean(), 1.0);
  EXPECT_LE(result.total.requests, 4 * 20u) << "a user waits for its answer, which takes 50 ms";
  EXPECT_GE(result.total.requests, 4 * 2u);
  expect_consistent(result);
}

TEST(Engine, an_open_model_sends_as_planned_and_counts_the_wait_in_response_time) {
  // One user at a time and 20 ms an answer: 50 a second can be served, 100 arrive.
  Responder responder([](const std::string&, const std::string&) { return Answer{200, "ok", 20ms}; });
  LoadTest test = test_of(responder, {get("/")}, 1s);
  OpenLoad load;
  load.rate = LevelProfile::steady(100, 0s, 1s);
  load.arrivals = Arrivals::uniform;
  load.max_users = 1;
  test.loads[0].model = load;
  test.threads = 1;
  const TestResult result = run(test);
  EXPECT_EQ(result.total.requests + result.dropped_iterations, 100u)
      << "every arrival is answered, or counted as dropped";
  EXPECT_GT(result.dropped_iterations, 30u);
  const Timings& times = result.total.timings;
  EXPECT_GT(times.connection_wait.max(), 300'000'000u);
  EXPECT_GE(times.response.max(), times.connection_wait.max()) << "who waits for a connection has waited";
  EXPECT_NEAR(times.response.mean(), times.connection_wait.mean() + times.send_lag.mean() + times.service.mean(), 1.0);
  EXPECT_EQ(responder.connections(), 1 + 1u) << "one to see whether it is there, and one a user";
  expect_consistent(result);
}

TEST(Engine, an_unhindered_open_model_sends_every_arrival) {
  Responder responder;
  for (const int threads : {1, 2}) {
    LoadTest test = test_of(responder, {get("/")}, 1s);
    OpenLoad load;
    load.rate = LevelProfile::steady(300, 0s, 1s);
    load.arrivals = Arrivals::uniform;
    test.loads[0].model = load;
    test.threads = threads;
    const TestResult result = run(test);
    EXPECT_EQ(result.total.requests, 300u);
    EXPECT_EQ(result.iterations, 300u);
    EXPECT_EQ(result.dropped_iterations, 0u);
    expect_consistent(result);
  }
}

TEST(Engine, refused_statuses_and_broken_connections_are_counted_by_kind) {
  Responder responder([](const std::string& request, const std::string&) {
    if (request == "GET /missing") return Answer{404, "no"};
    if (request == "GET /reset") {
      Answer answer;
      answer.reset = true;
      return answer;
    }
    return Answer{200, "bye", 0ms, true};
  });
  LoadTest test = test_of(responder, {get("/missing")}, 300ms);
  Journey resets = test.loads[0].journeys.front();
  resets.steps = {get("/reset")};
  Journey closes = test.loads[0].journeys.front();
  closes.steps = {get("/close")};
  test.loads[0].journeys.push_back(resets);
  test.loads[0].journeys.push_back(closes);
  for (Journey& journey : test.loads[0].journeys) journey.steps.front().think = Delay::always(5ms);
  set_users(test, 6);
  TestResult result = run(test);
  EXPECT_EQ(result.total.faults[status_fault(404)], responder.requests("GET /missing"));
  EXPECT_EQ(result.total.faults[Fault::reset], responder.requests("GET /reset"));
  EXPECT_GT(result.total.faults[status_fault(404)], 0u);
  EXPECT_GT(result.total.faults[Fault::reset], 0u);
  EXPECT_EQ(result.total.requests - result.total.failed, responder.requests("GET /close"));
  expect_consistent(result);
}

Answer silence(const std::string&, const std::string&) {
  Answer answer;
  answer.never = true;
  return answer;
}

TEST(Engine, silence_is_a_timeout) {
  Responder responder(silence);
  LoadTest test = test_of(responder, {get("/")}, 300ms);
  test.request_timeout = 50ms;
  TestResult result = run(test);
  EXPECT_GE(result.total.faults[Fault::timeout], 1u);
  EXPECT_EQ(result.total.faults[Fault::timeout], result.total.requests) << "the last one too runs into its time-out";
  EXPECT_GE(result.total.timings.response.min(), 50'000'000u);
  expect_consistent(result);
}

TEST(Engine, a_long_drain_is_slept_through) {
  Responder responder(silence);
  LoadTest test = test_of(responder, {get("/")}, 100ms);
  set_users(test, 1);
  test.drain = 1080ms;
  const TestResult result = run(test);
  EXPECT_EQ(result.total.requests, 1u);
  EXPECT_LT(result.generator.late_wakes, 100u)
      << "it wakes now and then, and not over and over for a second that has passed";
}

TEST(Engine, silence_beyond_the_end_and_the_drain_is_cut_off) {
  Responder responder(silence);
  LoadTest test = test_of(responder, {get("/")}, 100ms);
  set_users(test, 3);
  test.drain = 20ms;
  TestResult result = run(test);
  EXPECT_EQ(result.total.requests, 3u);
  EXPECT_EQ(result.total.faults[Fault::cut_off], 3u);
  expect_consistent(result);
}

TEST(Engine, a_captured_value_travels_to_the_next_step) {
  Responder responder([](const std::string& request, const std::string&) {
    return Answer{200, request == "POST /make" ? R"({"list":[{"id":"r 7"}]})" : "{}"};
  });
  Step make = get("/make");
  make.method = "POST";
  make.captures = {{0, "id", "/list/0/id"}};
  Step use = get("/use");
  use.path = {{std::string("/use/"), Template::Variable{0, Escaping::percent}}};
  LoadTest test = test_of(responder, {make, use}, 200ms);
  test.loads[0].journeys.front().variables = {"id"};
  const TestResult result = run(test);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_GT(responder.requests("GET /use/r%207"), 0u);
  EXPECT_EQ(result.total.requests, responder.requests("GET /use/r%207") + responder.requests("POST /make"));
}

TEST(Engine, an_answer_without_the_captured_value_ends_the_iteration) {
  Responder responder([](const std::string&, const std::string&) { return Answer{200, "{}"}; });
  Step make = get("/make");
  make.captures = {{0, "id", "/id"}};
  LoadTest test = test_of(responder, {make, get("/never")}, 100ms);
  test.loads[0].journeys.front().variables = {"id"};
  TestResult result = run(test);
  EXPECT_EQ(result.total.faults[Fault::capture], result.total.requests);
  EXPECT_EQ(responder.requests("GET /never"), 0u);
}

TEST(Engine, a_target_that_dies_in_mid_run_yields_counted_errors) {
  Responder responder;
  LoadTest test = test_of(responder, {get("/")}, 2s);
  set_users(test, 5);
  const std::atomic<bool> stop = false;
  const auto outcome = run_load(test, base::SystemClock(), stop, [&](TestResult& so_far, const Timings&) {
    if (so_far.series.size() == 1) responder.kill();
    return true;
  });
  ASSERT_TRUE(outcome);
  TestResult result = *outcome;
  EXPECT_GT(result.total.faults[Fault::connect_refused], 10u);
  EXPECT_LT(result.total.faults[Fault::connect_refused], 5 * 10 * 2u)
      << "a user that can't connect pauses before the next try";
  EXPECT_GT(result.total.requests - result.total.failed, 0u);
  expect_consistent(result);
}

TEST(Engine, a_target_that_nobody_serves_is_an_error_before_the_load) {
  std::optional<LoadTest> test;
  {
    const Responder responder;
    test = test_of(responder, {get("/")}, 1s);
  }
  const std::atomic<bool> stop = false;
  const auto result = run_load(*test, base::SystemClock(), stop, [](TestResult&, const Timings&) { return true; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::unavailable);
  EXPECT_NE(result.error().message.find(test->target.text), std::string::npos);
  EXPECT_NE(result.error().message.find("refused"), std::string::npos) << result.error().message;
}

TEST(Engine, a_connection_that_idled_for_too_long_is_not_used_again) {
  Responder responder;
  LoadTest test = test_of(responder, {get("/")}, 300ms);
  test.loads[0].journeys[0].steps[0].think = Delay::always(20ms);
  test.network.keep_alive_for = 1ms;
  const TestResult result = run(test);
  EXPECT_GT(result.total.requests, 2u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(responder.connections(), 1 + result.total.requests) << "one to see whether it is there, then one a request";
  EXPECT_EQ(result.openings.connect.count(), result.total.requests);
}

TEST(Engine, the_seconds_that_are_told_sum_to_the_whole) {
  Responder responder;
  LoadTest test = test_of(responder, {get("/a"), get("/b")}, 2s);
  set_users(test, 3);
  test.threads = 2;
  Timings sum;
  const std::atomic<bool> stop = false;
  const auto result = run_load(test, base::SystemClock(), stop, [&](TestResult&, const Timings& second) {
    sum.merge(second);
    return true;
  });
  ASSERT_TRUE(result);
  const Timings& total = result->total.timings;
  EXPECT_EQ(sum.response.count(), total.response.count());
  EXPECT_EQ(sum.response.percentile(99), total.response.percentile(99));
  EXPECT_EQ(sum.service.max(), total.service.max());
  EXPECT_EQ(sum.connection_wait.mean(), total.connection_wait.mean());
  EXPECT_EQ(sum.send_lag.max(), total.send_lag.max());
}

TEST(Engine, stops_when_told_and_reports_what_was) {
  Responder responder;
  LoadTest test = test_of(responder, {get("/")}, 1h);
  set_users(test, 3);
  const std::atomic<bool> stop = false;
  const auto result = run_load(test, base::SystemClock(), stop,
                               [](TestResult& so_far, const Timings&) { return so_far.series.empty(); });
  ASSERT_TRUE(result);
  EXPECT_GT(result->total.requests, 10u);
  EXPECT_LT(result->seconds, 60);
  EXPECT_EQ(result->total.requests, responder.requests());
}

TEST(Engine, users_start_along_the_ramp) {
  Responder responder;
  Step step = get("/");
  step.think = Delay::always(10ms);
  LoadTest test = test_of(responder, {step}, 3s);
  set_users(test, 30, 2s);
  const TestResult result = run(test);
  ASSERT_EQ(result.series.size(), 3u);
  EXPECT_EQ(result.series[2].index, 2) << "a short drain belongs to the last second";
  EXPECT_EQ(result.series[2].users, 30) << "who was at work until the end is not gone before it";
  EXPECT_GE(result.series[0].users, 14);
  EXPECT_LE(result.series[0].users, 20);
  EXPECT_EQ(result.series[1].users, 30);
}

}  // namespace
}  // namespace loadlab
