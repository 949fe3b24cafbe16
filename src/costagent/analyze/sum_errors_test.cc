#include "costagent/analyze/sum_errors.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace costagent {
namespace {

SumErrors example(std::size_t count) {
  base::Random random(count);
  std::vector<double> errors;
  while (errors.size() < count) errors.push_back(5 + 10 * random.normal());
  return SumErrors({errors});
}

TEST(SumErrors, chances_fall_with_the_amount_and_are_never_certain) {
  const SumErrors sums = example(99);
  EXPECT_DOUBLE_EQ(sums.chance_above(1, -1e6), 1 - 0.005);
  EXPECT_DOUBLE_EQ(sums.chance_above(1, 1e6), 0.005) << "what none of 99 showed";
  double before = 1;
  for (double excess = -40; excess < 50; excess += 0.25) {
    EXPECT_LE(sums.chance_above(1, excess), before);
    before = sums.chance_above(1, excess);
  }
}

TEST(SumErrors, chances_agree_with_the_bounds) {
  for (const std::size_t count : {40u, 41u}) {
    const SumErrors sums = example(count);
    const Bounds around = sums.around_sum(1);
    EXPECT_NEAR(sums.chance_above(1, around.high_80), 0.1, 1e-9);
    EXPECT_NEAR(sums.chance_above(1, around.low_80), 0.9, 1e-9);
    EXPECT_NEAR(sums.chance_above(1, around.high_95), 0.025, 1e-9);
  }
}

TEST(SumErrors, of_centered_ones_the_chance_is_above_half_just_where_the_amount_is_below_what_is_predicted) {
  for (const std::size_t count : {2u, 40u, 41u}) {
    SumErrors sums = example(count);
    sums.center();
    EXPECT_GT(sums.chance_above(1, -1e-6), 0.5) << count;
    EXPECT_LT(sums.chance_above(1, 1e-6), 0.5) << count;
  }
}

TEST(SumErrors, that_are_all_the_same_leave_no_room) {
  SumErrors sums({{0, 0, 0, 0}});
  sums.center();
  EXPECT_DOUBLE_EQ(sums.chance_above(1, 0), 0.1);
  EXPECT_DOUBLE_EQ(sums.chance_above(1, -1), 0.9);
  EXPECT_EQ(sums.around_sum(1).high_95, 0);
}

}  // namespace
}  // namespace costagent
