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
            "p:3:17: group: '<' and '>' can't stand in such a name, or no threshold could name it");
  EXPECT_EQ(complaint("steps: [{group: a, step: [GET /], steps: [GET /]}]"),
            "p:3:20: unknown key 'step'; did you mean 'steps'?");
  EXPECT_EQ(complaint("steps: [{group: a, steps: [{group: b, steps: [GET /]}]}]"),
            "p:3:29: a group can't hold another; put it behind this one");
}

TEST(Groups, are_known_to_thresholds_by_their_name) {
  EXPECT_EQ(complaint("steps: [{group: checkout, steps: [GET /]}]\nthresholds: [p95(duration of chekout) < 2s]"),
            "p:4:30: no group is named 'chekout'; did you mean 'checkout'?");
  EXPECT_EQ(complaint("steps: [GET /]\nthresholds: [p95(duration of GET /) < 2s]"),
            "p:4:30: no group is named 'GET /'; there are none");
  EXPECT_EQ(complaint("steps: [GET /]\nthresholds: [p95(duration) < 2s]"),
            "p:4:26: 'duration' is of a group, as in p95(duration of checkout) < 2s");
}

}  // namespace
}  // namespace loadlab
