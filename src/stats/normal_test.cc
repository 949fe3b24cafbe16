#include "stats/normal.h"

#include <gtest/gtest.h>

namespace stats {
namespace {

TEST(Normal, tails_and_points_of_the_tables) {
  EXPECT_DOUBLE_EQ(normal_upper_tail(0), 0.5);
  EXPECT_NEAR(normal_upper_tail(1.959963985), 0.025, 1e-10);
  EXPECT_NEAR(normal_upper_tail(-1.644853627), 0.95, 1e-9);
  EXPECT_NEAR(normal_upper_point(0.01), 2.326347874, 1e-9);
  EXPECT_NEAR(normal_upper_point(0.975), -1.959963985, 1e-9);
}

TEST(Normal, the_far_tail_keeps_its_digits) {
  EXPECT_NEAR(normal_upper_tail(10) / 7.61985302416e-24, 1, 1e-9);
  EXPECT_NEAR(normal_upper_point(7.61985302416e-24), 10, 1e-9);
}

}  // namespace
}  // namespace stats
