#include "costagent/analyze/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "costagent/analyze/baseline.h"

namespace costagent {
namespace {

constexpr int kSeries = 40;

struct Found {
  double inertia = 0;  // means
  double heaviness = 0;
  int no_inertia = 0;  // series of which nothing is found
  int no_heaviness = 0;
};

// Of kSeries series of a level of 1000; 0 degrees of freedom are normal noise.
Found found(double correlation, int degrees) {
  Found mean;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    base::Random random(seed);
    std::vector<double> cost;
    double error = random.normal();
    for (int i = 0; i < 400; ++i) {
      error = correlation * error + std::sqrt(1 - correlation * correlation) * random.normal();
      double squares = 0;
      for (int k = 0; k < degrees; ++k) squares += std::pow(random.normal(), 2);
      cost.push_back(1000 + 30 * (degrees > 0 ? error / std::sqrt(squares / degrees) : error));
    }
    const Noise noise = baseline_of(base::Day{}, cost)->noise;
    mean.inertia += noise.inertia / kSeries;
    mean.heaviness += noise.heaviness / kSeries;
    mean.no_inertia += noise.inertia == 1;
    mean.no_heaviness += noise.heaviness == 0;
  }
  return mean;
}

TEST(Noise, normal_and_independent_days_are_taken_as_such) {
  const Found noise = found(0, 0);
  EXPECT_LT(noise.inertia, 1.04);
  EXPECT_LT(noise.heaviness, 0.03);
  EXPECT_GE(noise.no_inertia, 0.8 * kSeries) << noise.no_inertia;
  EXPECT_GE(noise.no_heaviness, 0.8 * kSeries) << noise.no_heaviness;
}

TEST(Noise, days_that_resemble_their_neighbours_have_inertia) {
  EXPECT_NEAR(found(0.4, 0).inertia, 1.4, 0.1);
  EXPECT_GT(found(0.7, 0).inertia, 1.7);
  EXPECT_LT(found(0.4, 0).heaviness, 0.03);
}

TEST(Noise, heavy_tails_are_found_by_their_degrees_of_freedom) {
  EXPECT_NEAR(found(0, 4).heaviness, 0.22, 0.05);
  EXPECT_NEAR(found(0, 10).heaviness, 0.08, 0.04);
  EXPECT_LT(found(0, 4).inertia, 1.04);
}

TEST(Noise, a_few_wild_days_are_no_heavy_tail) {
  base::Random random(3);
  std::vector<double> days(365);
  for (double& day : days) day = random.normal();
  days[100] = days[200] = 40;
  EXPECT_LT(noise_of(days).heaviness, 0.06);
}

TEST(Noise, little_and_strange_input_is_taken_as_normal) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const auto& days : {std::vector<double>{}, std::vector<double>(40, 5.0), std::vector<double>(400, 0.0),
                           std::vector<double>(400, std::nan("")), std::vector<double>(400, infinite)}) {
    EXPECT_EQ(noise_of(days).inertia, 1);
    EXPECT_EQ(noise_of(days).heaviness, 0);
  }
}

TEST(Noise, the_chance_of_a_day_is_that_of_its_t_distribution) {
  EXPECT_EQ(chance_of_day(5, {1, 0}), 0);
  EXPECT_NEAR(chance_of_day(2.776 / 1.163, {1, 0.25}), 0.05, 0.001);
}

}  // namespace
}  // namespace costagent
