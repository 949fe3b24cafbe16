#include "loadlab/plan/sweep_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

base::Result<Plan> read(const std::string& lines, const Overrides& overrides = {}) {
  return load_plan_text("target: http://a\nusers: 2\nsteps: [GET /]\n" + lines, "p", overrides);
}

std::string complaint(const std::string& lines) {
  const auto plan = read(lines);
  return plan ? "accepted" : plan.error().message;
}

TEST(ReadSweep, every_combination_is_a_point_read_with_its_values) {
  const auto plan = read(
      "variables: {workers: 9, wait: 5s, often: 3}\nsweep: {workers: [1, 2], wait: [1s, 2s, 3s]}\nrepeat: $(often)\n"
      "duration: $(wait)\nstart: [{run: ./shop $(workers)}]\n");
  ASSERT_TRUE(plan) << plan.error().message;
  const loadlab::Test& test = plan->tests.at(0);
  ASSERT_TRUE(test.sweep);
  EXPECT_EQ(test.sweep->repeat, 3);
  ASSERT_EQ(test.sweep->points.size(), 6u);
  EXPECT_EQ(test.sweep->points[0].name(), "workers=1, wait=1s");
  EXPECT_EQ(test.sweep->points[4].name(), "workers=2, wait=2s");
  EXPECT_EQ(test.sweep->points[4].test.duration(), 2s);
  EXPECT_EQ(test.sweep->points[4].test.around.start.at(0).command.text, "./shop 2");
}

TEST(ReadSweep, a_variable_that_nothing_names_is_refused) {
  EXPECT_EQ(complaint("sweep: {users: [1, 2]}"),
            "p:4:9: sweep: nothing in this test names $(users), so that all points would be alike; write it where its "
            "value belongs, as in users: $(users)");
  EXPECT_THAT(complaint("variables: {n: 1, used: 2}\nsweep: {used: [3, 4], n: [1, 2]}\nbefore: [echo $(used)]"),
              HasSubstr("p:5:23: sweep: nothing in this test names $(n)"));
  const auto elsewhere = load_plan_text(
      "target: http://a\ndefaults: {users: 2, steps: [GET /]}\ntests:\n"
      "  - {name: plain, variables: {n: 1}, before: [echo $(n)]}\n  - {name: swept, sweep: {n: [1, 2]}}\n",
      "p", {});
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().message, HasSubstr("p:5:27: sweep: nothing in this test names $(n)"));
  EXPECT_EQ(complaint("sweep: {n: [1, 2]}\nthresholds: [error_rate < $(n)%]"), "accepted");
}

TEST(ReadSweep, the_command_line_holds_for_every_point) {
  Overrides overrides;
  overrides.duration = 4s;
  const auto plan = read("sweep: {n: [1, 2]}\nbefore: [echo $(n)]\n", overrides);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tests.at(0).sweep->points.at(1).test.duration(), 4s);
}

TEST(ReadSweep, points_are_compared_with_each_other_and_with_bounds) {
  const auto plan = read(R"(sweep: {workers: [1, 2, 4]}
before: [echo $(workers)]
compare:
  - rate(requests) at workers=4 > 1.8 * rate(requests) at workers=1
  - p95(response_time of GET /) at workers=1 < p95(response_time of GET /) at workers=4
  - {expect: avg(cpu) at workers=2 <= 80%, severity: warn, reason: two cores}
)");
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& compare = plan->tests.at(0).sweep->compare;
  ASSERT_EQ(compare.size(), 3u);
  EXPECT_EQ(compare[0].left.point, 2u);
  EXPECT_EQ(compare[0].right->point, 0u);
  EXPECT_EQ(compare[0].bound, 1.8);
  EXPECT_EQ(compare[0].unit, "/s");
  EXPECT_EQ(compare[0].comparison, Comparison::greater);
  EXPECT_EQ(compare[1].bound, 1);
  EXPECT_EQ(compare[1].left.metric.step, "GET /");
  EXPECT_FALSE(compare[2].right);
  EXPECT_EQ(compare[2].bound, 80);
  EXPECT_EQ(compare[2].severity, Severity::warn);
  EXPECT_EQ(compare[2].reason, "two cores");
}

TEST(ReadSweep, a_step_and_a_value_may_hold_what_the_expression_is_made_of) {
  const auto plan = load_plan_text(R"(target: http://a
users: 2
sweep: {list: ["a", "a,b", "a, b, c", ""], n: [1, 2]}
before: [echo $(list) $(n)]
steps: ["GET /items/*", {name: look at cart, request: GET /cart}]
compare:
  - p95(response_time of GET /items/*) at list=a,n=1 < p95(response_time of GET /items/*) at list=a,b,n=1
  - p95(response_time of look at cart) at n=2,list=a, b, c < 2 * p95(response_time of GET /items/*) at list=, n=1
)",
                                   "p", {});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& compare = plan->tests.at(0).sweep->compare;
  ASSERT_EQ(compare.size(), 2u);
  EXPECT_EQ(compare[0].left.point, 0u);
  EXPECT_EQ(compare[0].right->point, 2u);
  EXPECT_EQ(compare[0].right->metric.step, "GET /items/*");
  EXPECT_EQ(compare[0].bound, 1);
  EXPECT_EQ(compare[1].left.point, 5u);
  EXPECT_EQ(compare[1].left.metric.step, "look at cart");
  EXPECT_EQ(compare[1].right->point, 6u);
  EXPECT_EQ(compare[1].bound, 2);
}

TEST(ReadSweep, the_command_line_can_not_say_another_value_of_what_is_swept) {
  const std::string yaml =
      "target: http://a\ndefaults: {users: 2, steps: [GET /]}\nvariables: {n: 1}\ntests:\n"
      "  - {name: swept, before: [echo $(n)], sweep: {n: [1, 2]}}\n  - {name: plain, before: [echo $(n)]}\n";
  Overrides overrides;
  overrides.variables.emplace_back("n", "7");
  const auto refused = load_plan_text(yaml, "p", overrides);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("-e: 'n' is what the test 'swept' is swept over"));
  overrides.except = {"swept"};
  const auto plan = load_plan_text(yaml, "p", overrides);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tests.at(0).around.before.at(0).text, "echo 7");
}

TEST(ReadSweep, the_chance_of_a_false_alarm_is_that_of_all_plays_together) {
  const auto plan = read("sweep: {n: [1, 2]}\nrepeat: 5\nbefore: [echo $(n)]\nleaks: {false_alarms: 2%}\n");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_DOUBLE_EQ(plan->tests.at(0).sweep->points.at(1).test.leaks.false_alarms, 0.002);
}

TEST(ReadSweep, what_is_wrong_is_told_with_its_place) {
  const std::string sweep = "sweep: {n: [1, 2]}\nbefore: [echo $(n)]\n";
  EXPECT_THAT(complaint("sweep: {n: [1, 1]}"), HasSubstr("p:4:16: sweep: the value '1' is there twice"));
  EXPECT_THAT(complaint("sweep: {n: []}"), HasSubstr("p:4:8: sweep: no point"));
  EXPECT_THAT(complaint("sweep: {}"), HasSubstr("p:4:8: sweep: 1 to 5 variables"));
  EXPECT_THAT(complaint("repeat: 2"), HasSubstr("p:4:1: 'repeat' belongs to a 'sweep'"));
  EXPECT_THAT(complaint("sweep: {a: [1,2,3,4,5,6,7,8,9], b: [1,2,3,4,5,6,7,8]}"),
              HasSubstr("p:4:8: sweep: more than 64 points"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests) at n=3 > 1/s]"),
              HasSubstr("p:6:29: compare: 'n=3' is none of the points, which are n=1; n=2"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests) > 1/s]"),
              HasSubstr("p:6:11: compare: expected a metric, 'at'"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(request) at n=1 > 1/s]"), HasSubstr("p:6:16: compare: unknown metric"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests) at n=1 > 1s]"), HasSubstr("the unit 's' does not fit"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests) at n=1 > error_rate at n=2]"), HasSubstr("different units"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests) at n=1 > 2s * rate(requests) at n=2]"),
              HasSubstr("expected a plain number before the '*'"));
  EXPECT_THAT(complaint(sweep + "compare: ['rate(requests) at n=1, n > 1/s']"), HasSubstr("expected a point"));
  EXPECT_THAT(complaint(sweep + "compare: [rate(requests of x) at n=1 > 1/s]"), HasSubstr("no step is named 'x'"));
}

}  // namespace
}  // namespace loadlab
