// Groups of steps, played against a real server.
#include <gtest/gtest.h>

#include "loadlab/engine/played_test.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing_support::Answer;
using testing_support::Responder;

TestResult play(const std::string& yaml, const Responder& responder) {
  return played("users: 2\n" + yaml, responder.url());
}

const Tally& step(const TestResult& test, const std::string& name) {
  for (const StepTally& known : test.steps) {
    if (known.name == name) return known.tally;
  }
  ADD_FAILURE() << "no step " << name;
  return test.total;
}

TEST(Groups, last_from_the_first_planned_start_to_the_last_end_and_tell_the_time_to_think_apart) {
  Responder responder;
  const TestResult test = play(R"(
iterations: 4
steps:
  - {request: GET /before, think: 30ms}
  - group: checkout
    steps: [{request: GET /cart, think: 60ms}, {request: GET /order, think: 100ms}]
  - GET /after
)",
                               responder);
  ASSERT_EQ(test.groups.size(), 1u);
  const GroupTally& checkout = test.groups[0].tally;
  EXPECT_EQ(test.groups[0].name, "checkout");
  EXPECT_EQ(checkout.passes, 8u);
  EXPECT_EQ(checkout.failed, 0u);
  EXPECT_EQ(checkout.cut_off(), 0u);
  const double answers =
      step(test, "GET /cart").timings.response.mean() + step(test, "GET /order").timings.response.mean();
  EXPECT_NEAR(checkout.responses.mean(), answers, 1.0);
  EXPECT_NEAR(checkout.durations.mean(), answers + 60e6, 1.0);
}

TEST(Groups, have_failed_when_one_of_their_steps_has) {
  Responder responder([](const std::string& request, const std::string&) {
    return Answer{request == "GET /order" ? 500 : 200, "ok"};
  });
  const TestResult test = play(R"(
iterations: 3
steps:
  - {group: look, steps: [GET /items]}
  - {group: checkout, steps: [GET /cart, GET /order, GET /thanks]}
)",
                               responder);
  ASSERT_EQ(test.groups.size(), 2u);
  EXPECT_EQ(test.groups[0].tally.passes, 6u);
  EXPECT_EQ(test.groups[0].tally.failed, 0u);
  EXPECT_EQ(test.groups[1].tally.passes, 6u);
  EXPECT_EQ(test.groups[1].tally.failed, 6u);
  EXPECT_EQ(test.groups[1].tally.durations.count(), 6u);
  EXPECT_EQ(test.groups[1].tally.cut_off(), 0u);
}

TEST(Groups, of_one_name_are_counted_together_over_journeys_and_none_is_without_passes) {
  Responder responder;
  const TestResult test = play(R"(
iterations: 50
user_setup: [GET /login]
journeys:
  - {weight: 2, steps: [{group: checkout, steps: [GET /a, GET /b]}]}
  - {weight: 1, steps: [GET /c, {group: checkout, steps: [GET /d]}]}
  - {weight: 1, steps: [GET /e]}
)",
                               responder);
  ASSERT_EQ(test.groups.size(), 1u);
  EXPECT_EQ(test.groups[0].tally.passes, responder.requests("GET /b") + responder.requests("GET /d"));
  EXPECT_EQ(test.groups[0].tally.passes + responder.requests("GET /e"), 100u);
}

TEST(Groups, that_the_end_cuts_between_two_steps_are_no_passes) {
  Responder responder;
  const TestResult test = play(R"(
duration: 300ms
steps: [{group: all, steps: [{request: GET /a, think: 1h}, GET /b]}]
)",
                               responder);
  const GroupTally& all = test.groups.at(0).tally;
  EXPECT_EQ(responder.requests("GET /a"), 2u);
  EXPECT_EQ(all.passes, 0u);
  EXPECT_EQ(all.failed, 0u);
  EXPECT_EQ(all.durations.count(), 0u);
  EXPECT_EQ(all.cut_off(), 2u);
}

TEST(Groups, that_the_end_cuts_in_a_step_are_no_passes_though_the_step_has_failed) {
  Responder responder([](const std::string& request, const std::string&) {
    Answer answer;
    answer.never = request == "GET /b";
    return answer;
  });
  const TestResult test = play(R"(
duration: 300ms
drain: 0s
steps: [{group: all, steps: [GET /a, GET /b]}]
)",
                               responder);
  const GroupTally& all = test.groups.at(0).tally;
  EXPECT_EQ(step(test, "GET /b").faults.at(Fault::cut_off), 2u);
  EXPECT_EQ(all.passes, 0u);
  EXPECT_EQ(all.responses.count(), 0u);
  EXPECT_EQ(all.cut_off(), 2u);
}

TEST(Groups, that_began_in_the_warm_up_do_not_count) {
  Responder responder;
  const TestResult test = play(R"(
duration: 1s
warm_up: 999ms
iterations: 1
steps: [{group: all, steps: [GET /a, GET /b]}]
)",
                               responder);
  EXPECT_EQ(test.groups.at(0).tally.begun, 0u);
  EXPECT_EQ(test.groups.at(0).tally.passes, 0u);
  EXPECT_EQ(test.warm_up.requests, 4u);
}

}  // namespace
}  // namespace loadlab
