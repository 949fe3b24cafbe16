#include "costagent/analyze/conformal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace costagent {
namespace {

// Of 150 origins, each two steps ahead.
ConformalErrors errors(double middle, double deviation, bool intermittent = false) {
  base::Random random(1);
  ConformalErrors made({1, 2});
  for (int origin = 0; origin < 150; ++origin) {
    made.begin_origin();
    for (std::size_t knot = 0; knot < 2; ++knot) made.add(knot, middle + deviation * random.normal());
  }
  made.settle({1, 1, 150, intermittent});
  return made;
}

TEST(ConformalErrors, a_forecast_leans_to_where_nearly_all_past_errors_lie_and_so_lies_within_its_bounds) {
  for (const double side : {1.0, -1.0}) {
    const ConformalErrors made = errors(side * 10, 2);
    EXPECT_NEAR(made.lean(1), side * 8, 1);
    EXPECT_LT(made.around(1).low_80, 0);
    EXPECT_GT(made.around(1).high_80, 0);
    EXPECT_NEAR(made.lean(1) + made.around(1).high_80, side * 10 + 2.6, 0.8) << "the bounds are where they were";
  }
}

TEST(ConformalErrors, what_chance_may_do_is_no_bias) {
  EXPECT_EQ(errors(0.5, 1).lean(1), 0);
  EXPECT_EQ(errors(10, 2, true).lean(1), 0) << "of what seldom comes the mean is forecast";
}

TEST(PowerOfLevel, tells_changes_in_proportion_from_those_that_stay_the_same) {
  base::Random random(2);
  std::vector<double> level;
  std::vector<double> same;
  std::vector<double> proportional;
  for (int i = 0; i < 200; ++i) {
    level.push_back(100 + 2 * i);
    same.push_back(random.normal());
    proportional.push_back(0.01 * level.back() * random.normal());
  }
  same[7] = NAN;
  EXPECT_LT(power_of_level(same, level), 0.45);
  EXPECT_GT(power_of_level(proportional, level), 0.7);
  EXPECT_NEAR(power_of_level(same, std::vector<double>(200, 100.0)), 1, 1e-6) << "a level that stays tells nothing";
  EXPECT_EQ(power_of_level(std::vector<double>(200, 0.0), level), 1);
}

}  // namespace
}  // namespace costagent
