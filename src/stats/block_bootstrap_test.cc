#include "stats/block_bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

namespace stats {
namespace {

// Each value so much of the one before (0: none of it), with a standard deviation of 1.
std::vector<double> autoregressive(std::size_t count, double of_the_last, base::Random& random) {
  std::vector<double> values;
  double value = random.normal();
  for (std::size_t i = 0; i < count; ++i) {
    value = of_the_last * value + std::sqrt(1 - of_the_last * of_the_last) * random.normal();
    values.push_back(value);
  }
  return values;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(BlockBootstrap, a_resample_is_made_of_stretches_of_neighbours) {
  base::Random random(1);
  const auto drawn = draw_blocks(10, 4, random);
  ASSERT_EQ(drawn.size(), 10u);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    EXPECT_LT(drawn[i], 10u);
    if (i % 4 != 0) {
      EXPECT_EQ(drawn[i], drawn[i - 1] + 1);
    }
  }
  const auto whole = draw_blocks(5, 5, random);
  EXPECT_EQ(whole, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(BlockBootstrap, stretches_are_longer_where_neighbours_resemble_each_other) {
  base::Random random(2);
  double independent = 0;
  double alike = 0;
  for (int i = 0; i < 50; ++i) {
    independent += static_cast<double>(block_length(autoregressive(200, 0, random))) / 50;
    alike += static_cast<double>(block_length(autoregressive(200, 0.8, random))) / 50;
  }
  EXPECT_LT(independent, 9) << "the cube root of 200 is 5.8";
  EXPECT_GT(alike, 1.5 * independent);
  EXPECT_EQ(block_length(std::vector<double>(100, 3.0)), 5u) << "no scatter: the cube root";
  EXPECT_EQ(block_length(std::vector<double>{1, 2, 3}), 1u);
}

// What a bootstrap is for: its scatter of the mean is that of the mean over series measured anew.
TEST(BlockBootstrap, resamples_vary_as_much_as_the_series_measured_again) {
  base::Random random(3);
  for (const double of_the_last : {0.0, 0.5}) {
    double resampled = 0;
    std::vector<double> means;
    for (int series = 0; series < 200; ++series) {
      const auto values = autoregressive(300, of_the_last, random);
      means.push_back(mean_of(values));
      const std::size_t length = block_length(values);
      const double lost = variance_lost(values, length);
      std::vector<double> drawn_means;
      for (int i = 0; i < 100; ++i) {
        double sum = 0;
        for (const std::size_t at : draw_blocks(values.size(), length, random)) sum += values[at];
        drawn_means.push_back(sum / static_cast<double>(values.size()));
      }
      const double middle = mean_of(drawn_means);
      for (const double mean : drawn_means) resampled += lost * (mean - middle) * (mean - middle) / 100 / 200;
    }
    double again = 0;
    for (const double mean : means) again += mean * mean / static_cast<double>(means.size());
    EXPECT_NEAR(std::sqrt(resampled / again), 1, 0.15) << of_the_last;
  }
}

}  // namespace
}  // namespace stats
