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

TEST(Robust, fine_scatter_is_the_standard_deviation_of_normal_values_and_surer_than_the_median_one) {
  double fine_error = 0;
  double error = 0;
  double mean = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    base::Random random(seed);
    std::vector<double> values(90);
    for (double& value : values) value = 7 + 3 * random.normal();
    const double fine = fine_scatter(values, 7);
    mean += fine / 400;
    fine_error += (fine - 3) * (fine - 3) / 400;
    error += (scatter(values, 7) - 3) * (scatter(values, 7) - 3) / 400;
  }
  EXPECT_NEAR(mean, 3, 0.05);
  EXPECT_LT(fine_error, 0.6 * error);
}

TEST(Robust, wild_values_move_fine_scatter_little) {
  std::vector<double> values;
  for (int i = 1; i < 20; ++i) values.push_back(i % 2 == 0 ? i : -i);
  const double without = fine_scatter(values, 0);
  values.push_back(1e300);
  EXPECT_LT(fine_scatter(values, 0), 1.3 * without);
  EXPECT_GT(fine_scatter(values, 0), without);
}

TEST(Robust, fine_scatter_of_nothing_and_of_equal_values_is_0) {
  EXPECT_EQ(fine_scatter({}, 0), 0);
  EXPECT_EQ(fine_scatter(std::vector<double>{4, 4, 4}, 4), 0);
}

}  // namespace
}  // namespace stats
