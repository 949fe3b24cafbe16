#include "costagent/analyze/trend.h"

#include <gtest/gtest.h>

#include <cmath>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

TEST(Trend, finds_growth_under_weekly_cycle_spikes_and_month_ends) {
  CostSeries series = example_series(1, {.growth_per_month = 0.03, .month_end = 1});
  series.cost[50] *= 20;
  const auto trend = trend_of(series);
  ASSERT_TRUE(trend);
  EXPECT_NEAR(trend->percent_per_month, 3, 0.4);
  EXPECT_TRUE(trend->rises());
  EXPECT_FALSE(trend->falls());
  EXPECT_EQ(trend->days, 365);
}

TEST(Trend, a_level_series_neither_rises_nor_falls) {
  int flat = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto trend = trend_of(example_series(seed, {.days = 180, .growth_per_month = 0}));
    flat += !trend->rises() && !trend->falls();
  }
  EXPECT_GE(flat, 34);
}

TEST(Trend, four_weeks_are_the_least) {
  EXPECT_FALSE(trend_of(example_series(1, {.days = 27})));
  EXPECT_TRUE(trend_of(example_series(1, {.days = 28})));
}

TEST(Trend, of_zeros_is_none_in_percent_rather_than_not_a_number) {
  CostSeries series{{}, "USD", base::Day{}, std::vector<double>(60, 0.0)};
  EXPECT_EQ(trend_of(series)->percent_per_month, 0);
}

TEST(Trend, tells_the_days_on_which_the_level_changed) {
  CostSeries series = example_series(4, {.days = 300, .growth_per_month = 0.01, .month_end = 0.5});
  for (std::size_t i = 120; i < 300; ++i) series.cost[i] *= 1.4;
  series.cost[200] *= 8;
  const auto trend = trend_of(series);
  ASSERT_EQ(trend->changes.size(), 1u);
  EXPECT_NEAR((trend->changes[0].day - series.first).count(), 120, 1);
  EXPECT_NEAR(trend->changes[0].after / trend->changes[0].before, 1.4, 0.1);
  EXPECT_TRUE(trend_of(example_series(4, {.days = 120, .noise = 0.02, .growth_per_month = 0.15}))->changes.empty())
      << "steady growth is no change of level";
}

TEST(Trend, of_wild_series_is_finite_or_none) {
  for (const double value : {0.0, -5.0, 1e308, static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    CostSeries series{{}, "USD", base::Day{}, std::vector<double>(150, value)};
    series.cost[70] = 3;
    if (const auto trend = trend_of(series)) {
      EXPECT_TRUE(std::isfinite(trend->change_low) && std::isfinite(trend->change_high)) << value;
    }
  }
}

TEST(Trend, what_ends_has_fallen_to_nothing) {
  CostSeries series = example_series(5, {.days = 200, .growth_per_month = 0});
  std::fill(series.cost.begin() + 150, series.cost.end(), kNoCharge);
  const auto ended = trend_of(series);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->days, 150);
  ASSERT_EQ(ended->changes.size(), 1u);
  EXPECT_EQ(ended->changes[0].day, series.first + std::chrono::days(150));
  EXPECT_NEAR(ended->changes[0].after, 0, 1);
  // Six days may be late.
  series.cost.resize(156);
  EXPECT_TRUE(trend_of(series)->changes.empty());
}

}  // namespace
}  // namespace costagent
