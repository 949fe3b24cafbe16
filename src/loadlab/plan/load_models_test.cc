// The load models as plans say them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

loadlab::Test loaded(std::string_view yaml, const Overrides& overrides = {}) {
  auto plan = load_plan_text(yaml, "p", overrides);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return plan ? plan->tests[0] : loadlab::Test();
}

std::string complaint(std::string_view lines) {
  const auto plan = load_plan_text(fmt::format("target: http://a\nsteps: [GET /]\n{}\n", lines), "p", {});
  return plan ? "accepted" : plan.error().message;
}

std::string with(std::string_view lines) { return fmt::format("target: http://a\nsteps: [GET /]\n{}\n", lines); }

TEST(LoadModels, stages_ramp_users_or_rates) {
  const loadlab::Test users =
      loaded(with("stages: [{duration: 10s, users: 50}, {duration: 20s, users: 10, ramp: 0s}]"));
  ASSERT_EQ(users.loads.size(), 1u);
  EXPECT_FALSE(users.loads[0].is_open());
  EXPECT_EQ(users.duration(), 30s);
  EXPECT_EQ(users.loads[0].profile().stages()[0].ramp, 10s) << "a stage moves over all its time unless it says else";
  EXPECT_EQ(users.loads[0].profile().at(11s), 10);
  EXPECT_EQ(users.loads[0].most_users(), 50);
  const loadlab::Test rates =
      loaded(with("stages: [{duration: 1s, rate: 5/s}, {duration: 1s, rate: 60/m}]\narrivals: uniform"));
  EXPECT_TRUE(rates.loads[0].is_open());
  EXPECT_EQ(rates.loads[0].profile().at(2s), 1);
}

TEST(LoadModels, iterations_end_a_load_and_have_a_time_limit) {
  const auto each = std::get<ClosedLoad>(loaded(with("users: 3\niterations: 7")).loads[0].model);
  EXPECT_EQ(each.iterations, 7u);
  const loadlab::Test shared = loaded(with("users: 3\nshared_iterations: 100\npacing: 1s..2s\nduration: 5s"));
  EXPECT_EQ(std::get<ClosedLoad>(shared.loads[0].model).shared_iterations, 100u);
  EXPECT_EQ(shared.loads[0].journeys[0].pacing.high, 2s);
  EXPECT_EQ(shared.duration(), 5s);
  EXPECT_EQ(loaded(with("users: 3\niterations: 7")).duration(), 10min);
}

TEST(LoadModels, several_loads_run_side_by_side) {
  const loadlab::Test test = loaded(R"(
target: http://a
think: 1s
warm_up: 2s
loads:
  - {name: people, users: 5, duration: 30s, steps: [GET /a]}
  - {name: batch, rate: 2/s, start: 10s, duration: 5s, think: exponential(2s), steps: [GET /b]}
thresholds: ["p95(response_time of GET /b) < 1s"]
)");
  ASSERT_EQ(test.loads.size(), 2u);
  EXPECT_EQ(test.loads[0].journeys[0].steps[0].think.low, 1s);
  EXPECT_EQ(test.loads[1].journeys[0].steps[0].think.kind, Delay::Kind::exponential);
  EXPECT_EQ(test.loads[1].end(), 15s);
  EXPECT_EQ(test.duration(), 30s);
  EXPECT_EQ(test.warm_up, 2s);
}

TEST(LoadModels, a_test_s_own_model_beats_any_of_the_defaults) {
  for (const std::string_view own : {"users: 3", "rate: 3/s", "stages: [{duration: 1s, users: 3}]"}) {
    for (const std::string_view other : {"users: 9", "rate: 9/s", "stages: [{duration: 9s, users: 9}]"}) {
      const loadlab::Test test = loaded(
          fmt::format("target: http://a\ndefaults: {{{}, steps: [GET /]}}\ntests: [{{name: a, {}}}]", other, own));
      EXPECT_EQ(test.loads.at(0).profile().highest(), 3) << own << " and " << other;
    }
  }
}

TEST(LoadModels, arrivals_are_replayed_from_a_file) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "times.csv") << "seconds,what\n# from a log\n0.5,a\n\n0.5\n12.25,b\r\n";
  const std::string yaml = "target: http://a\nsteps: [GET /]\narrivals: {file: times.csv}";
  const auto plan = load_plan_text(yaml, folder + "plan.yaml", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& load = std::get<OpenLoad>(plan->tests[0].loads[0].model);
  EXPECT_EQ(load.arrivals, Arrivals::replay);
  EXPECT_THAT(*load.times, ::testing::ElementsAre(500ms, 500ms, 12250ms));
  EXPECT_EQ(plan->tests[0].duration(), 12251ms);
  std::ofstream(folder + "times.csv") << "1\n0.5\n";
  EXPECT_THAT(load_plan_text(yaml, folder + "plan.yaml", {}).error().message,
              HasSubstr("times.csv:2: 0.5 is before the time above it"));
  std::ofstream(folder + "times.csv") << "1\nsoon\n";
  EXPECT_THAT(load_plan_text(yaml, folder + "plan.yaml", {}).error().message,
              HasSubstr("times.csv:2: 'soon' is not a time in seconds"));
  std::ofstream(folder + "times.csv") << "seconds\n";
  EXPECT_THAT(load_plan_text(yaml, folder + "plan.yaml", {}).error().message, HasSubstr("holds no time"));
}

TEST(LoadModels, the_command_line_s_duration_stretches_all_loads_alike) {
  Overrides overrides;
  overrides.duration = 10s;
  const loadlab::Test test = loaded(R"(
target: http://a
steps: [GET /]
warm_up: 8s
loads:
  - stages: [{duration: 10s, users: 5}, {duration: 30s, users: 1}]
  - {rate: 1/s, start: 20s, duration: 20s, ramp_up: 8s}
)",
                                    overrides);
  EXPECT_EQ(test.duration(), 10s);
  EXPECT_EQ(test.loads[0].profile().stages()[0].duration, 2500ms);
  EXPECT_EQ(test.loads[1].start, 5s);
  EXPECT_EQ(test.loads[1].profile().stages()[0].ramp, 5s);
  EXPECT_EQ(test.warm_up, 2s);
}

TEST(LoadModels, mistakes_have_a_place_and_say_what_to_do) {
  const auto expect = [](std::string_view lines, std::string_view message) {
    EXPECT_EQ(complaint(lines), fmt::format("p:3:{}", message)) << lines;
  };
  expect("stages: []", "9: stages: expected a list of stages, as in [{duration: 30s, users: 50}], not an empty list");
  expect("stages: [{users: 5}]", "10: this stage has no 'duration'; write one, as in duration: 30s");
  expect("stages: [{duration: 5s}]", "10: this stage has no 'users', the level at its end");
  expect("stages: [{duration: 5s, users: 0}]", "9: stages: none of them reaches a level above zero");
  expect("stages: [{duration: 5s, users: 1}, {duration: 5s, rate: 1/s}]",
         "51: the stages of a load all say 'users', or all say 'rate'; the first says 'users'");
  expect("stages: [{duration: 5s, users: 1, ramp: 6s}]",
         "41: ramp: 6s is not between 0s and 5s (a ramp is part of its stage)");
}

TEST(LoadModels, what_excludes_each_other_is_refused) {
  const auto expect = [](std::string_view lines, std::string_view message) {
    EXPECT_THAT(complaint(lines), HasSubstr(std::string(message))) << lines;
  };
  expect("users: 1\nstages: [{duration: 5s, users: 1}]", "a load has 'users', 'rate' or 'stages'");
  expect("stages: [{duration: 5s, users: 1}]\nduration: 3s", "'duration' is said by the 'stages'; take it away");
  expect("rate: 1/s\niterations: 3", "'iterations' belongs to a closed model, to 'users'; take it away");
  expect("users: 1\niterations: 3\nshared_iterations: 3", "not both; take one away");
  expect("users: 1\nloads: [{users: 1}]", "'users' stands beside 'loads'; put it into one of them");
  expect("loads: [{name: a, users: 1}, {name: a, users: 1}]", "two loads are named 'a'; name them apart");
  expect("loads: []", "the list is empty; it needs at least one load");
  expect("users: 1\nwarm_up: 10s", "warm_up: 10s is not shorter than the test, of 10s; nothing would be measured");
  expect("users: 1\nthink: exponential(2)", "think: '2' has no unit");
  expect("users: 1\nthink: log_normal(2s)", "takes the median and the spread of its logarithm");
  expect("users: 1\nthink: log_normal(2s, 9)", "the spread of log_normal is a number up to 3");
  expect("users: 1\nthink: gamma(2s)", "expected a duration, a range as in 0.2s..1s, exponential(1s)");
  expect("arrivals: {fil: x}", "unknown key 'fil'; did you mean 'file'?");
  expect("arrivals: {file: no_such_times.csv}", "no_such_times.csv: No such file or directory");
}

}  // namespace
}  // namespace loadlab
