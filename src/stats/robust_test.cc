#include "stats/robust.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace stats {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(Robust, median_of_odd_and_even_counts) {
  EXPECT_DOUBLE_EQ(*median(std::vector{5.0, 1.0, 3.0}), 3);
  EXPECT_DOUBLE_EQ(*median(std::vector{4.0, 1.0, 3.0, 2.0}), 2.5);
  EXPECT_DOUBLE_EQ(*median(std::vector{1e308, 1.5e308}), 1.25e308);
}

TEST(Robust, what_is_not_finite_is_left_out) {
  EXPECT_DOUBLE_EQ(*median(std::vector{kMissing, 7.0, kInfinite}), 7);
  EXPECT_FALSE(median(std::vector{kMissing, -kInfinite}).has_value());
  EXPECT_FALSE(median({}).has_value());
  EXPECT_FALSE(quantile(std::vector{kMissing}, 0.5).has_value());
  EXPECT_EQ(scatter({}, 0), 0);
}

TEST(Robust, quantiles_lie_linearly_between_neighbours) {
  const std::vector<double> values{10, 20, 30, 40, 50};
  EXPECT_DOUBLE_EQ(*quantile(values, 0), 10);
  EXPECT_DOUBLE_EQ(*quantile(values, 1), 50);
  EXPECT_DOUBLE_EQ(*quantile(values, 0.9), 46);
  EXPECT_DOUBLE_EQ(*quantile(std::vector{3.0}, 0.7), 3);
}

TEST(Robust, scatter_estimates_the_deviation_of_normal_noise_despite_wild_values) {
  base::Random random(1);
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(100 + 4 * random.normal());
  for (int i = 0; i < 250; ++i) values.push_back(1e9);
  EXPECT_NEAR(scatter(values, *median(values)), 4, 0.4);
}

TEST(Robust, scatter_of_mostly_equal_values_is_not_zero) {
  EXPECT_EQ(scatter(std::vector{2.0, 2.0, 2.0}, 2), 0);
  EXPECT_NEAR(scatter(std::vector{2.0, 2.0, 2.0, 6.0}, 2), 1.2533, 1e-9);
}

}  // namespace
}  // namespace stats
