// How groups of steps are read.
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

// The message without the name of the file.
std::string complaint(const std::string& yaml) {
  const auto plan = load_plan_text("target: http://a\nusers: 1\n" + yaml, "p", {});
  return plan ? "accepted" : plan.error().message;
}

TEST(Groups, are_stretches_of_a_journey_s_steps) {
  const auto plan = load_plan_text(R"(
target: http://a
users: 1
steps:
  - GET /a
  - group: checkout
    steps: [{request: GET /b, capture: {id: /id}}, GET /c]
  - GET /d/$(id)
  - {group: checkout, steps: [GET /e]}
thresholds: [p95(duration of checkout) < 2s]
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const Journey& journey = plan->tests[0].loads[0].journeys[0];
  EXPECT_EQ(journey.steps.size(), 5u);
  ASSERT_EQ(journey.groups.size(), 2u);
  EXPECT_EQ(journey.groups[0].name, "checkout");
  EXPECT_EQ(journey.groups[0].first, 1u);
  EXPECT_EQ(journey.groups[0].end, 3u);
  EXPECT_EQ(journey.groups[1].first, 4u);
  EXPECT_EQ(journey.groups[1].end, 5u);
  EXPECT_EQ(plan->tests[0].thresholds[0].step, "checkout");
}

TEST(Groups, that_are_wrong_are_complained_of) {
  EXPECT_EQ(complaint("steps: [{group: a}]"),
            "p:3:9: this group has no 'steps'; write a list of steps, each as in GET /health");
  EXPECT_EQ(complaint("steps: [{group: a, steps: []}]"),
            "p:3:27: steps: expected a list of steps, each as in GET /health, not an empty list");
  EXPECT_EQ(complaint("steps: [{group: a<b, steps: [GET /]}]"),
            "p:3:17: group: '<' and '>' can't stand in a group's name, or no threshold could name it");
  EXPECT_EQ(complaint("steps: [{group: a, step: [GET /], steps: [GET /]}]"),
            "p:3:20: unknown key 'step'; did you mean 'steps'?");
  EXPECT_EQ(complaint("steps: [{group: a, steps: [{group: b, steps: [GET /]}]}]"),
            "p:3:29: a group can't hold another; put it behind this one");
}

TEST(Groups, are_of_journeys_and_not_of_set_ups_or_teardowns) {
  for (const std::string key : {"setup", "teardown", "user_setup", "user_teardown"}) {
    EXPECT_EQ(complaint(key + ": [{group: a, steps: [GET /]}]\nsteps: [GET /]"),
              "p:3:" + std::to_string(key.size() + 5) + ": a group is of a journey's steps; those of '" + key +
                  "' are counted apart, and are not timed as a whole");
  }
}

TEST(Groups, hold_steps_that_count_towards_the_bound_of_a_test) {
  std::string group = "{group: a, steps: [GET /";
  for (int i = 0; i < 500; ++i) group += ", GET /";
  group += "]}";
  EXPECT_EQ(complaint("steps: [" + group + ", " + group + "]"),
            "p:3:8: steps: 1002 steps are too many; a test has at most 1000");
}

TEST(Groups, of_several_journeys_are_read_each_with_its_own) {
  const auto plan = load_plan_text(R"(
target: http://a
users: 1
journeys:
  - {weight: 3, steps: [{group: checkout, steps: [GET /a, GET /b]}]}
  - {weight: 1, steps: [GET /c, {group: checkout, steps: [GET /d]}]}
  - {weight: 1, steps: [GET /e]}
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& journeys = plan->tests[0].loads[0].journeys;
  EXPECT_EQ(journeys.at(0).groups.at(0).end, 2u);
  EXPECT_EQ(journeys.at(1).groups.at(0).first, 1u);
  EXPECT_TRUE(journeys.at(2).groups.empty());
}

TEST(Groups, are_known_to_thresholds_by_their_name) {
  EXPECT_EQ(complaint("steps: [{group: checkout, steps: [GET /]}]\nthresholds: [p95(duration of chekout) < 2s]"),
            "p:4:30: no group is named 'chekout'; did you mean 'checkout'?");
  EXPECT_EQ(complaint("steps: [GET /]\nthresholds: [p95(duration of GET /) < 2s]"),
            "p:4:30: no group is named 'GET /'; there are none");
  EXPECT_EQ(complaint("steps: [GET /]\nthresholds: [p95(duration) < 2s]"),
            "p:4:26: 'duration' is of a group, as in p95(duration of checkout) < 2s");
  const std::string group = "steps: [GET /, {group: checkout, steps: [GET /b]}]\nthresholds: ";
  EXPECT_EQ(complaint(group + "[p95(service_time of checkout) < 2s]"),
            "p:4:34: 'checkout' is a group, which has a response_time, a duration and an error_rate");
  EXPECT_EQ(complaint(group + "[error_rate of chekout < 2%]"),
            "p:4:28: no step or group is named 'chekout'; did you mean 'checkout'?");
  EXPECT_EQ(complaint(group + "[error_rate of payment < 2%]"),
            "p:4:28: no step or group is named 'payment'; the names are GET /, GET /b, checkout");
  EXPECT_EQ(complaint("steps: [{group: a, steps: [{name: a, request: GET /}]}]\nthresholds: [error_rate of a < 2%]"),
            "p:4:28: 'a' is a step's name and a group's; name one of them differently");
}

TEST(Groups, and_steps_are_told_apart_by_thresholds) {
  const auto plan = load_plan_text(R"(
target: http://a
users: 1
steps: [{group: checkout, steps: [{name: pay, request: GET /}]}]
thresholds:
  - p95(response_time of checkout) < 2s
  - error_rate of checkout < 1%
  - max(duration of checkout) < 1s
  - p95(response_time of pay) < 2s
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& thresholds = plan->tests[0].thresholds;
  EXPECT_TRUE(thresholds.at(0).of_group && thresholds.at(1).of_group && thresholds.at(2).of_group);
  EXPECT_FALSE(thresholds.at(3).of_group);
}

}  // namespace
}  // namespace loadlab
