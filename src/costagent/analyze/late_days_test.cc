#include "costagent/analyze/late_days.h"

#include <gtest/gtest.h>

#include <cmath>

#include "costagent/analyze/example_series.h"
#include "costagent/analyze/forecast.h"

namespace costagent {
namespace {

constexpr int kDays = 200;

// Up to Thursday, 2024-07-18; the last days are so much of what they cost.
CostSeries late(std::initializer_list<double> parts, double noise = 0.03) {
  CostSeries series = example_series(7, {.days = kDays, .noise = noise, .growth_per_month = 0});
  std::size_t i = series.cost.size() - parts.size();
  for (const double part : parts) series.cost[i++] *= part;
  return series;
}

std::size_t late_days(const CostSeries& series) {
  return series.cost.size() - days_before_late_ones(series.first, series.cost);
}

Forecast forecast_after(const CostSeries& series) {
  return *forecast_of(series, series.first + std::chrono::days(series.cost.size()), kForecastDays + 1);
}

TEST(LateDays, are_one_to_three_far_too_cheap_ones_at_the_end) {
  EXPECT_EQ(late_days(late({})), 0u);
  EXPECT_EQ(late_days(late({0.1})), 1u);
  EXPECT_EQ(late_days(late({0})), 1u);
  EXPECT_EQ(late_days(late({0.4, 0.1})), 2u);
  EXPECT_EQ(late_days(late({0.6, 0.4, 0.1})), 3u);
  EXPECT_EQ(late_days(late({0.6, 0.6, 0.4, 0.1})), 0u) << "a new level";
  EXPECT_EQ(late_days(late({0.1, 1})), 0u) << "a dip that is over";
  EXPECT_EQ(late_days(late({0.1, 1, 0.1})), 1u);
}

TEST(LateDays, are_none_by_chance) {
  EXPECT_EQ(late_days(late({0.8, 0.8, 0.8}, 0.005)), 0u) << "sure, but no far fall";
  EXPECT_EQ(late_days(late({0.5}, 0.2)), 0u) << "a fall of two and a half deviations";
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    base::Random random(seed);
    CostSeries series = example_series(seed, {.days = 60, .noise = 0.15, .weekend = 0.3});
    EXPECT_EQ(late_days(series), 0u) << seed;
    for (double& cost : series.cost) cost = random.chance(0.5) ? cost : 0;
    EXPECT_EQ(late_days(series), 0u) << seed;
  }
}

TEST(LateDays, may_have_days_between_them_that_never_cost_anything) {
  CostSeries series = late({});
  for (std::size_t i = 0; i < series.cost.size(); ++i) series.cost[i] = i % 7 >= 5 ? 0 : series.cost[i];
  series.cost.resize(196);  // to a Sunday
  EXPECT_EQ(late_days(series), 0u);
  series.cost[193] *= 0.2;
  EXPECT_EQ(late_days(series), 3u);
}

TEST(LateDays, make_no_new_level_and_what_is_to_come_of_them_is_in_the_months_end) {
  const CostSeries whole = late({});
  const Forecast of_whole = forecast_after(whole);
  const Landing landing_of_whole = *landing_of(whole, of_whole);
  for (const auto& parts : {std::initializer_list<double>{0.1}, {0.4, 0.1}, {0.6, 0.4, 0.1}}) {
    const CostSeries series = late(parts);
    const Forecast forecast = forecast_after(series);
    ASSERT_EQ(forecast.late.size(), parts.size());
    EXPECT_EQ(forecast.days.front().day, of_whole.days.front().day);
    EXPECT_NEAR(forecast.total, of_whole.total, 0.01 * of_whole.total);
    const Landing landing = *landing_of(series, forecast);
    EXPECT_LT(landing.so_far, landing_of_whole.so_far - 800) << "only what is charged";
    EXPECT_NEAR(landing.expected, landing_of_whole.expected, 0.01 * landing.expected);
    EXPECT_LT(landing.bounds.low_80, landing.expected);
    for (const double share : {0.99, 1.01}) {
      const BudgetOutlook outlook = outlook_of(series, forecast, landing, share * landing.expected);
      EXPECT_EQ(outlook.chance > 0.5, share < 1);
      EXPECT_EQ(outlook.passed.has_value(), share < 1);
    }
    EXPECT_NEAR(outlook_of(series, forecast, landing, landing.bounds.high_80).chance, 0.1, 0.03);
  }
}

TEST(LateDays, of_another_month_add_nothing_to_this_one) {
  CostSeries series = late({});
  series.cost.resize(182);  // to June 30
  for (std::size_t i = 180; i < 182; ++i) series.cost[i] *= 0.1;
  const Forecast forecast = forecast_after(series);
  ASSERT_EQ(forecast.late.size(), 2u);
  const Landing landing = *landing_of(series, forecast);
  double days = 0;
  for (const ForecastDay& day : forecast.days) days += day.cost;
  EXPECT_EQ(landing.so_far, 0);
  EXPECT_NEAR(landing.expected, days, 1e-6);
}

}  // namespace
}  // namespace costagent
