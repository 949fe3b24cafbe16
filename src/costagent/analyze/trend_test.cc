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

TEST(Forecast, holds_the_next_month_about_four_times_in_five) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CostSeries series = example_series(seed, {.days = 330, .month_end = 0.5});
    double actual = 0;
    for (std::size_t i = 300; i < 330; ++i) actual += series.cost[i];
    series.cost.resize(300);
    const auto forecast = forecast_of(series);
    ASSERT_TRUE(forecast);
    EXPECT_EQ(forecast->days.size(), 30u);
    EXPECT_EQ(forecast->days.front().day, series.first + std::chrono::days(300));
    EXPECT_NEAR(forecast->total, actual, 0.15 * actual);
    held += forecast->total_low <= actual && actual <= forecast->total_high;
  }
  EXPECT_GE(held, 36);
}

TEST(Forecast, repeats_the_weekly_cycle) {
  const auto forecast = forecast_of(example_series(2, {.days = 182, .growth_per_month = 0}));
  ASSERT_TRUE(forecast);
  // The series ends on a Sunday.
  EXPECT_NEAR(forecast->days[5].cost / forecast->days[0].cost, 0.7, 0.03);
  for (const ForecastDay& day : forecast->days) {
    EXPECT_LE(day.low, day.cost);
    EXPECT_GE(day.high, day.cost);
  }
}

TEST(Forecast, of_falling_costs_stops_at_zero) {
  const auto forecast = forecast_of(example_series(3, {.days = 200, .growth_per_month = -0.6}));
  ASSERT_TRUE(forecast);
  EXPECT_GE(forecast->total, 0);
}

TEST(Forecast, is_not_made_of_less_than_sixteen_weeks) {
  EXPECT_FALSE(forecast_of(example_series(1, {.days = 111})));
  EXPECT_TRUE(forecast_of(example_series(1, {.days = 112})));
}

TEST(Forecast, of_wild_series_is_finite_or_none) {
  for (const double value : {0.0, -5.0, 1e308, static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    CostSeries series{{}, "USD", base::Day{}, std::vector<double>(150, value)};
    series.cost[70] = 3;
    if (const auto forecast = forecast_of(series)) {
      EXPECT_TRUE(std::isfinite(forecast->total_low) && std::isfinite(forecast->total_high)) << value;
    }
  }
}

}  // namespace
}  // namespace costagent
