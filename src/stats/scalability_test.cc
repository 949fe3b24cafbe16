#include "stats/scalability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace stats {
namespace {

std::vector<ScalingPoint> points_of(const ScalabilityLaw& law, const std::vector<double>& sizes) {
  std::vector<ScalingPoint> points;
  for (const double size : sizes) points.push_back({size, law.rate_at(size)});
  return points;
}

TEST(Scalability, the_law_that_made_the_points_is_found_again) {
  const ScalabilityLaw law{995.6, 0.0267, 0.000769, 0};  // as in Gunther's examples
  const auto fitted = fit_scalability(points_of(law, {1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64}));
  ASSERT_TRUE(fitted);
  EXPECT_NEAR(fitted->rate_of_one, law.rate_of_one, 1e-6 * law.rate_of_one);
  EXPECT_NEAR(fitted->sigma, law.sigma, 1e-7);
  EXPECT_NEAR(fitted->kappa, law.kappa, 1e-8);
  EXPECT_NEAR(*fitted->best_at(), std::sqrt((1 - 0.0267) / 0.000769), 1e-3);
  EXPECT_LT(fitted->worst_error, 1e-9);
}

TEST(Scalability, what_scales_better_than_linearly_has_no_contention) {
  const std::vector<ScalingPoint> points = {{1, 100}, {2, 205}, {4, 420}};
  const auto fitted = fit_scalability(points);
  ASSERT_TRUE(fitted);
  EXPECT_EQ(fitted->sigma, 0);
  EXPECT_EQ(fitted->kappa, 0);
  EXPECT_FALSE(fitted->best_at());
  EXPECT_NEAR(fitted->rate_of_one, 103, 3);
}

TEST(Scalability, contention_alone_is_amdahls_law) {
  const auto fitted = fit_scalability(points_of({50, 0.2, 0, 0}, {1, 2, 4}));
  ASSERT_TRUE(fitted);
  EXPECT_NEAR(fitted->sigma, 0.2, 1e-6);
  EXPECT_NEAR(fitted->kappa, 0, 1e-6);
}

TEST(Scalability, of_too_few_sizes_nothing_is_said) {
  EXPECT_FALSE(fit_scalability(std::vector<ScalingPoint>{{1, 100}, {2, 190}, {2, 195}}));
  EXPECT_FALSE(fit_scalability(std::vector<ScalingPoint>{{1, 100}, {2, 0}, {4, 10}}));
}

}  // namespace
}  // namespace stats
