#include "costagent/analyze/usual_growth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace costagent {
namespace {

TEST(UsualGrowth, a_quarter_of_climbing_is_not_usual_and_half_a_year_is) {
  for (const int weeks : {11, 20}) {
    std::vector<double> weekly(78, 2.0);
    for (int i = 50; i < 50 + weeks; ++i) weekly[static_cast<std::size_t>(i)] = 9;
    const auto usual = usual_growth(weekly);
    EXPECT_EQ(usual[0], 2);
    EXPECT_EQ(usual[static_cast<std::size_t>(50 + weeks / 2)], weeks == 11 ? 2 : 9) << weeks;
  }
}

TEST(UsualGrowth, a_season_is_followed_where_three_quarters_of_a_year_show_it) {
  std::vector<double> weekly;
  for (int i = 0; i < 78; ++i) weekly.push_back(10 * std::sin(2 * std::numbers::pi * i / 52));
  const auto followed = usual_growth(weekly);
  EXPECT_NEAR(followed[39], weekly[39], 1) << "half a year's middle would be nearer to nothing";
  weekly.resize(39);
  EXPECT_GT(std::abs(usual_growth(weekly)[26] - weekly[26]), 1) << "too short to know of seasons";
}

TEST(UsualGrowth, nothing_has_none) { EXPECT_TRUE(usual_growth({}).empty()); }

}  // namespace
}  // namespace costagent
