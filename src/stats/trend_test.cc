#include "stats/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "stats/normal.h"

namespace stats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Deviation 1, each value correlated by `rho` with the one before.
std::vector<double> ar1(std::uint64_t seed, std::size_t count, double rho) {
  base::Random random(base::mix(seed));
  std::vector<double> values = {random.normal()};
  while (values.size() < count) values.push_back(rho * values.back() + std::sqrt(1 - rho * rho) * random.normal());
  return values;
}

std::vector<double> with_slope(std::vector<double> values, double slope) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += slope * static_cast<double>(i);
  return values;
}

TEST(Trend, theil_sen_finds_a_line_that_a_quarter_of_wild_values_and_gaps_cannot_bend) {
  base::Random random(2);
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) {
    values.push_back(i % 4 == 0 ? 1e6 * random.uniform() : 50 + 0.5 * i + random.normal());
    if (i % 10 == 7) values.back() = kMissing;
  }
  const auto line = theil_sen(values);
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->slope, 0.5, 0.05);
  EXPECT_NEAR(line->at(100), 100, 5);
  EXPECT_LE(line->slope_low, line->slope);
  EXPECT_GE(line->slope_high, line->slope);
}

TEST(Trend, sens_interval_holds_the_true_slope_about_19_times_in_20) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    base::Random random(seed);
    std::vector<double> values;
    for (int i = 0; i < 60; ++i) values.push_back(0.1 * i + random.normal());
    const auto line = theil_sen(values);
    held += line->slope_low <= 0.1 && 0.1 <= line->slope_high;
  }
  EXPECT_GE(held, 180);
  EXPECT_LE(held, 199);
}

TEST(Trend, theil_sen_wants_three_values) {
  EXPECT_FALSE(theil_sen(std::vector{1.0, kMissing, 2.0}));
  EXPECT_DOUBLE_EQ(theil_sen(std::vector{1.0, 2.0, 3.0})->slope, 1);
}

TEST(Trend, a_long_series_is_taken_in_blocks_and_keeps_its_slope) {
  base::Random random(3);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(7 + 0.02 * i + random.normal());
  const auto line = theil_sen(values);
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->slope, 0.02, 1e-4);
  EXPECT_NEAR(line->at(5000), 107, 0.5);
  EXPECT_LT(line->slope_high - line->slope_low, 1e-4);
}

TEST(Trend, more_confidence_or_dependence_widens_the_interval) {
  const auto values = with_slope(ar1(1, 60, 0), 0.1);
  const Line usual = *theil_sen(values);
  const Line surer = *theil_sen(values, {0.999, 1});
  const Line dependent = *theil_sen(values, {0.95, 4});
  EXPECT_LT(surer.slope_low, usual.slope_low);
  EXPECT_GT(surer.slope_high, usual.slope_high);
  EXPECT_LT(dependent.slope_low, usual.slope_low);
  EXPECT_EQ(dependent.slope, usual.slope);
}

TEST(Trend, mann_kendall_of_a_table_worked_by_hand) {
  // Of 10 pairs 8 rise, 1 falls and 1 is equal; the pair of equal values takes 1 off the variance of 50 / 3.
  const auto test = mann_kendall(std::vector{1.0, 3.0, 2.0, 3.0, 5.0});
  ASSERT_TRUE(test);
  EXPECT_EQ(test->count, 5u);
  EXPECT_DOUBLE_EQ(test->tau, 0.7);
  EXPECT_DOUBLE_EQ(test->z, 6 / std::sqrt(test->inflation * (300.0 - 18) / 18));
  EXPECT_NEAR(test->p_rise, normal_upper_tail(test->z), 1e-12);
}

TEST(Trend, what_never_changes_has_no_trend) {
  const auto test = mann_kendall(std::vector<double>(20, 4.0));
  ASSERT_TRUE(test);
  EXPECT_EQ(test->z, 0);
  EXPECT_EQ(test->p_rise, 1);
  EXPECT_EQ(test->p_fall, 1);
  EXPECT_FALSE(mann_kendall(std::vector{1.0, 2.0, kMissing, 3.0}));
}

TEST(Trend, a_steady_rise_is_sure_even_in_a_few_values_with_gaps) {
  std::vector<double> values;
  for (int i = 0; i < 15; ++i) values.push_back(i == 4 ? kMissing : 1e6 + 3.0 * i);
  const auto test = mann_kendall(values);
  EXPECT_EQ(test->tau, 1);
  EXPECT_EQ(test->inflation, 1) << "a straight line leaves nothing to be correlated";
  EXPECT_LT(test->p_rise, 1e-5);
  EXPECT_GT(test->p_fall, 0.999);
}

// Of series without a trend, the share that is called rising at a level of 1 %; and by the same test without regard to
// autocorrelation.
struct FalseAlarms {
  double allowed_for = 0;
  double naive = 0;
};
FalseAlarms false_alarms(std::size_t count, double rho) {
  constexpr int kSeries = 1000;
  FalseAlarms share;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    const auto test = mann_kendall(ar1(seed, count, rho));
    share.allowed_for += (test->p_rise < 0.01) / static_cast<double>(kSeries);
    share.naive += (normal_upper_tail(test->z * std::sqrt(test->inflation)) < 0.01) / static_cast<double>(kSeries);
  }
  return share;
}

TEST(Trend, false_alarms_stay_near_their_level_when_neighbours_resemble_each_other) {
  // Of 1,000 series the share itself is uncertain by 0.3 to 0.7 points.
  EXPECT_LT(false_alarms(30, 0).allowed_for, 0.015);
  const FalseAlarms half = false_alarms(30, 0.5);
  EXPECT_LT(half.allowed_for, 0.03);
  EXPECT_GT(half.naive, 0.05) << "the noise would mislead who takes it to be independent";
  const FalseAlarms nearly_all = false_alarms(30, 0.9);
  EXPECT_LT(nearly_all.allowed_for, 0.07);
  EXPECT_GT(nearly_all.naive, 0.2);
}

TEST(Trend, a_real_rise_is_found_in_correlated_noise) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    found += mann_kendall(with_slope(ar1(seed, 60, 0.5), 0.08))->p_rise < 0.01;
  EXPECT_GE(found, 90);
}

TEST(Trend, the_chance_of_rises_is_that_of_a_coin) {
  EXPECT_DOUBLE_EQ(chance_of_rises(std::vector{1.0, 2.0, kMissing, 3.0, 4.0}), 1.0 / 8);
  EXPECT_DOUBLE_EQ(chance_of_rises(std::vector{1.0, 2.0, 2.0, 1.0, 3.0}), 0.5) << "2 of 3, the equal pair left out";
  EXPECT_EQ(chance_of_rises(std::vector(9, 4.0)), 1);
}

TEST(Trend, rises_of_a_random_walk_keep_their_level) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    base::Random random(base::mix(seed));
    std::vector<double> walk = {0};
    for (int i = 0; i < 30; ++i) walk.push_back(walk.back() + random.normal());
    alarms += chance_of_rises(walk) < 0.01;
  }
  EXPECT_LE(alarms, 30);
  EXPECT_GE(alarms, 2);
}

TEST(Trend, troughs_lie_between_a_fall_and_the_next_rise) {
  EXPECT_THAT(troughs(std::vector{0.0, 5.0, 10.0, 1.0, 5.0, 11.0, kMissing, 2.0, 3.0}, 5), ElementsAre(3, 7));
  EXPECT_THAT(troughs(std::vector{0.0, 4.0, 3.0, 8.0, 7.0, 12.0}, 5), IsEmpty()) << "small falls are noise";
  EXPECT_THAT(troughs(std::vector{9.0, 1.0, 2.0, 0.5, 8.0}, 5), ElementsAre(3)) << "the lowest of a rough trough";
}

TEST(Trend, the_troughs_of_a_sawtooth_tell_whether_it_keeps_anything) {
  std::vector<double> clean;
  std::vector<double> leaking;
  for (int i = 0; i < 120; ++i) {
    clean.push_back(100 + i % 10);
    leaking.push_back(100 + i % 10 + 0.2 * i);
  }
  const auto lows = [](const std::vector<double>& values) {
    std::vector<double> low;
    for (const std::size_t step : troughs(values, 5)) low.push_back(values[step]);
    return low;
  };
  EXPECT_EQ(lows(clean).size(), 11u);
  EXPECT_EQ(mann_kendall(lows(clean))->p_rise, 1);
  EXPECT_LT(mann_kendall(lows(leaking))->p_rise, 1e-4);
}

TEST(Trend, a_cache_that_fills_bends_and_a_leak_does_not) {
  std::vector<double> filling;
  std::vector<double> leaking;
  for (int i = 0; i < 60; ++i) {
    filling.push_back(100 * (1 - std::exp(-i / 20.0)));
    leaking.push_back(3.0 * i);
  }
  const auto filled = bend(filling);
  ASSERT_TRUE(filled);
  EXPECT_NEAR(filled->ratio, std::exp(-30 / 20.0), 0.03);
  // The slope in the middle of the early half, at step 15, falls to a twentieth at 15 + 20 ln 20 = 75.
  EXPECT_NEAR(filled->steps_to_level.value(), 15, 3);
  const auto leaked = bend(leaking);
  EXPECT_NEAR(leaked->ratio, 1, 1e-9);
  EXPECT_FALSE(leaked->steps_to_level);
  EXPECT_NEAR(leaked->late.at(50), 150, 1e-9);
}

TEST(Trend, a_series_that_has_levelled_off_needs_no_more_steps) {
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back(std::min(i, 19));
  EXPECT_EQ(bend(values)->ratio, 0);
  EXPECT_EQ(bend(values)->steps_to_level, 0);
  EXPECT_FALSE(bend(std::vector{1.0, 2.0, 3.0, 4.0}));
}

}  // namespace
}  // namespace stats
