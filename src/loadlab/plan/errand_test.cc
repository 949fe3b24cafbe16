// How set-ups and teardowns are read.
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

// The message without the name of the file.
std::string complaint(const std::string& yaml) {
  const auto plan = load_plan_text("target: http://a\nusers: 1\n" + yaml, "p", {});
  return plan ? "accepted" : plan.error().message;
}

TEST(Errands, share_their_slots_with_all_that_comes_after_them) {
  const auto plan = load_plan_text(R"(
target: http://a
setup: [{request: GET /, capture: {run: /run}}]
user_setup: [{request: GET /$(run), capture: {user: /user}}]
teardown: [{request: GET /$(run), capture: {late: /late}}]
loads:
  - users: 1
    steps: [{request: GET /$(run)/$(user), capture: {own: /own}}]
    user_teardown: [GET /$(user)]
  - users: 1
    user_setup: [{request: GET /, capture: {other: /other}}]
    steps: [GET /$(other)]
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  using Names = std::vector<std::string>;
  const loadlab::Test& test = plan->tests[0];
  EXPECT_EQ(test.setup.variables, (Names{"run"}));
  EXPECT_EQ(test.teardown.variables, (Names{"run", "late"}));
  EXPECT_EQ(test.loads[0].user_setup.variables, (Names{"run", "user"}));
  EXPECT_EQ(test.loads[0].user_teardown.variables, (Names{"run", "user"}));
  EXPECT_EQ(test.loads[0].journeys[0].variables, (Names{"run", "user", "own"}));
  EXPECT_EQ(test.loads[1].user_setup.variables, (Names{"run", "other"}));
  EXPECT_EQ(test.loads[1].journeys[0].variables, (Names{"run", "other"}));
}

TEST(Errands, have_no_time_to_think) {
  const auto plan = load_plan_text("target: http://a\nusers: 1\nthink: 3s\nsetup: [GET /]\nsteps: [GET /]", "p", {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->tests[0].setup.steps[0].think.is_zero());
  EXPECT_EQ(
      complaint("setup: [{request: GET /, think: 1s}]\nsteps: [GET /]"),
      "p:3:26: unknown key 'think'; the keys of a step of a set-up or teardown are name, request, json, body, "
      "headers, capture, check, redirects, compression, max_body, body_file, chunked, chunk_size, expect_continue");
}

TEST(Errands, are_complained_of_like_steps) {
  EXPECT_EQ(complaint("setup: []\nsteps: [GET /]"),
            "p:3:8: setup: expected a list of steps, each as in GET /health, not an empty list");
  EXPECT_EQ(complaint("teardown: GET /\nsteps: [GET /]"),
            "p:3:11: teardown: expected a list of steps, each as in GET /health, not 'GET /'");
  EXPECT_EQ(complaint("setup: [GET /$(id)]\nsteps: [{request: GET /, capture: {id: /id}}]"),
            "p:3:14: unknown variable 'id'; no step before this one captures a variable; write $$( for a literal '$('");
  EXPECT_EQ(complaint("user_setp: [GET /]\nsteps: [GET /]"),
            "p:3:1: unknown key 'user_setp'; did you mean 'user_setup'?");
  EXPECT_EQ(complaint("setup: [{name: log in, request: GET /}]\nsteps: [GET /]\n"
                      "thresholds: [p95(response_time of log in) < 1s]"),
            "p:5:35: no step is named 'log in'; the steps are GET /")
      << "set-ups are in no threshold";
}

}  // namespace
}  // namespace loadlab
