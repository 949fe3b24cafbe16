// Each load model against a real server.
#include <gtest/gtest.h>

#include <algorithm>

#include "loadlab/engine/engine.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing_support::Answer;
using testing_support::Responder;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

Journey journey_of(const std::string& path, Delay think = {}) {
  Step step;
  step.name = "GET " + path;
  step.method = "GET";
  step.path = {{path}};
  step.think = think;
  Journey journey;
  journey.name = "journey";
  journey.steps = {step};
  return journey;
}

Load closed(LevelProfile users, Journey journey) {
  Load load;
  load.duration = users.duration();
  load.model = ClosedLoad{std::move(users), {}, {}};
  load.journeys = {std::move(journey)};
  return load;
}

Load open(LevelProfile rate, Journey journey) {
  Load load;
  load.duration = rate.duration();
  OpenLoad model;
  model.rate = std::move(rate);
  model.arrivals = Arrivals::uniform;
  load.model = std::move(model);
  load.journeys = {std::move(journey)};
  return load;
}

TestResult run(const Responder& responder, std::vector<Load> loads, Nanoseconds warm_up = 0s, int threads = 2) {
  LoadTest test;
  test.name = "test";
  test.target.text = responder.url();
  test.target.host = "127.0.0.1";
  test.target.port = responder.port();
  test.loads = std::move(loads);
  test.warm_up = warm_up;
  test.threads = threads;
  const std::atomic<bool> stop = false;
  auto result = run_load(test, base::SystemClock(), stop, [](TestResult&) { return true; });
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(TestResult());
}

TEST(LoadModels, users_come_and_go_with_the_stages) {
  Responder responder;
  const LevelProfile profile({{1s, 8, 0s}, {1s, 2, 0s}, {1s, 5, 0s}});
  const TestResult result = run(responder, {closed(profile, journey_of("/", Delay::always(5ms)))});
  ASSERT_EQ(result.series.size(), 3u);
  EXPECT_EQ(result.series[0].users, 8);
  EXPECT_EQ(result.series[1].users, 2);
  EXPECT_EQ(result.series[2].users, 5);
  ASSERT_EQ(result.stages.size(), 3u);
  EXPECT_EQ(result.stages[1].users, 2);
  std::uint64_t requests = 0;
  for (const StageResult& stage : result.stages) requests += stage.tally.requests;
  EXPECT_EQ(requests, result.total.requests) << "each request belongs to one stage";
  EXPECT_GT(result.stages[0].tally.requests, 2 * result.stages[1].tally.requests);
  EXPECT_EQ(result.total.requests, responder.requests());
  EXPECT_EQ(responder.connections(), 1 + 8u) << "who comes back keeps its connection";
}

TEST(LoadModels, arrivals_follow_the_stages_to_the_last_one) {
  Responder responder;
  const LevelProfile spike({{500ms, 20, 0s}, {500ms, 400, 0s}, {1s, 20, 0s}});
  const TestResult result = run(responder, {open(spike, journey_of("/"))});
  EXPECT_EQ(result.total.requests, 10 + 200 + 20u);
  ASSERT_EQ(result.stages.size(), 3u);
  EXPECT_EQ(result.stages[0].tally.requests, 10u);
  EXPECT_EQ(result.stages[1].tally.requests, 200u);
  EXPECT_EQ(result.stages[2].rate, 20);
  EXPECT_EQ(result.total.requests, responder.requests());
}

TEST(LoadModels, each_user_makes_its_iterations_and_the_test_ends) {
  Responder responder;
  Load load = closed(LevelProfile::steady(5, 200ms, 1h), journey_of("/"));
  std::get<ClosedLoad>(load.model).iterations = 7;
  const TestResult result = run(responder, {load});
  EXPECT_EQ(result.iterations, 35u);
  EXPECT_EQ(result.total.requests, 35u);
  EXPECT_EQ(responder.requests(), 35u);
  EXPECT_LT(result.seconds, 30);
}

TEST(LoadModels, shared_iterations_are_dealt_to_whoever_is_free) {
  Responder responder;
  Load load = closed(LevelProfile::steady(6, 0s, 1h), journey_of("/"));
  std::get<ClosedLoad>(load.model).shared_iterations = 100;
  for (const int threads : {1, 3}) {
    const TestResult result = run(responder, {load}, 0s, threads);
    EXPECT_EQ(result.iterations, 100u);
    EXPECT_EQ(result.total.requests, 100u);
  }
}

TEST(LoadModels, replayed_arrivals_come_at_their_times) {
  Responder responder;
  Load load = open(LevelProfile::steady(1, 0s, 700ms), journey_of("/"));
  auto& model = std::get<OpenLoad>(load.model);
  model.arrivals = Arrivals::replay;
  model.times =
      std::make_shared<const std::vector<Nanoseconds>>(std::vector<Nanoseconds>{0ms, 0ms, 100ms, 250ms, 650ms, 900ms});
  const TestResult result = run(responder, {load});
  EXPECT_EQ(result.total.requests, 5u) << "the last one is planned for after the end";
}

TEST(LoadModels, loads_run_side_by_side_each_with_its_own_work_and_time) {
  Responder responder;
  Load people = closed(LevelProfile::steady(3, 0s, 1s), journey_of("/people", Delay::always(10ms)));
  Load batch = open(LevelProfile::steady(100, 0s, 500ms), journey_of("/batch"));
  batch.start = 300ms;
  const TestResult result = run(responder, {people, batch});
  ASSERT_EQ(result.steps.size(), 2u);
  EXPECT_EQ(result.steps[1].tally.requests, 50u);
  EXPECT_EQ(responder.requests("GET /batch"), 50u);
  EXPECT_EQ(result.steps[0].tally.requests, responder.requests("GET /people"));
  EXPECT_GT(result.steps[0].tally.requests, 100u);
  EXPECT_TRUE(result.stages.empty()) << "no load has more than one";
}

TEST(LoadModels, a_load_that_ends_early_takes_its_users_along) {
  Responder responder([](const std::string& request, const std::string&) {
    return Answer{200, "ok", request == "GET /slow" ? 300ms : 0ms};
  });
  Load early = closed(LevelProfile::steady(4, 0s, 500ms), journey_of("/slow"));
  Load late = closed(LevelProfile::steady(1, 0s, 1500ms), journey_of("/", Delay::always(10ms)));
  const TestResult result = run(responder, {early, late});
  EXPECT_EQ(result.steps[0].tally.requests, 8u) << "the second ones are answered after their load's end";
  EXPECT_EQ(result.steps[0].tally.failed, 0u);
  EXPECT_EQ(result.series.at(1).users, 1);
}

TEST(LoadModels, what_is_planned_within_the_warm_up_is_counted_apart) {
  Responder responder;
  const TestResult result = run(responder, {open(LevelProfile::steady(100, 0s, 1s), journey_of("/"))}, 300ms);
  EXPECT_EQ(result.warm_up.requests, 30u);
  EXPECT_EQ(result.total.requests, 70u);
  EXPECT_EQ(result.total.timings.response.count(), 70u);
  EXPECT_DOUBLE_EQ(result.warm_up_seconds, 0.3);
  EXPECT_NEAR(result.requests_per_second(), 100, 5) << "the warm-up's time is not counted either";
  EXPECT_EQ(result.series.front().requests, 100u) << "what is shown second by second leaves nothing out";
}

TEST(LoadModels, pacing_holds_iterations_apart_however_quick_the_answers) {
  Responder responder;
  Journey journey = journey_of("/");
  journey.pacing = Delay::always(100ms);
  const TestResult result = run(responder, {closed(LevelProfile::steady(4, 0s, 1050ms), journey)});
  EXPECT_EQ(result.iterations, 4 * 11u);
}

TEST(LoadModels, times_of_connections_and_first_bytes_are_kept_apart) {
  Responder responder([](const std::string&, const std::string&) { return Answer{200, "ok", 30ms}; });
  const TestResult result = run(responder, {closed(LevelProfile::steady(3, 0s, 300ms), journey_of("/"))});
  EXPECT_EQ(result.openings.connect.count(), 3u);
  EXPECT_EQ(result.openings.tls.count(), 0u);
  const Timings& times = result.total.timings;
  EXPECT_EQ(times.first_byte.count(), result.total.requests);
  EXPECT_GE(times.first_byte.min(), 29'000'000u);
  EXPECT_NEAR(times.first_byte.mean() + times.transfer.mean(), times.service.mean(), 1.0);
}

}  // namespace
}  // namespace loadlab
