#include "loadlab/session/describe_load.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

std::string described(const std::string& lines) {
  const auto plan = load_plan_text("target: http://a\nduration: 5s\nsteps: [GET /$(n)]\n" + lines, "p", {});
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? describe_load(plan->tests.at(0)) : "";
}

TEST(DescribeLoad, one_user_is_no_users) {
  EXPECT_EQ(described("variables: {n: 1}\nusers: 1\n"), "1 user for 5 s");
  EXPECT_EQ(described("variables: {n: 1}\nusers: 2\n"), "2 users for 5 s");
}

TEST(DescribeLoad, of_a_sweep_says_what_all_points_have_or_what_the_first_and_the_last_have) {
  EXPECT_EQ(described("users: 3\nsweep: {n: [1, 2]}\n"), "2 points, n=1 to n=2, each with 3 users for 5 s");
  EXPECT_EQ(described("users: $(n)\nsweep: {n: [1, 2, 4]}\nrepeat: 2\n"),
            "3 points, n=1 to n=4, 2 times, from 1 user for 5 s to 4 users for 5 s");
}

}  // namespace
}  // namespace loadlab
