// Slices that are charged on some weekdays only are looked at like others, on those.
#include <gtest/gtest.h>

#include <cmath>

#include "costagent/analyze/anomalies.h"
#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

// A batch on Mondays, Wednesdays and Fridays, as example_series begins on a Monday.
CostSeries batch(std::uint64_t seed) {
  CostSeries series = example_series(seed, {.weekend = 1});
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    if (i % 7 != 0 && i % 7 != 2 && i % 7 != 4) series.cost[i] = kNoCharge;
  }
  return series;
}

std::vector<Anomaly> find(const CostSeries& series) {
  return find_anomalies(series, {}, {series.first, series.first + std::chrono::days(series.cost.size())},
                        thresholds_of(Sensitivity::medium, 20));
}

base::Day day_of(const CostSeries& series, int i) { return series.first + std::chrono::days(i); }

TEST(SilentDays, a_batch_of_some_weekdays_is_regular_and_has_no_missing_days) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_TRUE(is_regular(batch(seed)));
    EXPECT_FALSE(is_charged_seldom(batch(seed)));
    found += find(batch(seed)).size();
  }
  EXPECT_LE(found, 3u) << "one is stated";
}

TEST(SilentDays, what_is_dearer_from_then_on_is_told) {
  CostSeries series = batch(3);
  for (std::size_t i = 210; i < series.cost.size(); ++i) series.cost[i] *= 2;
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::level_shift);
  EXPECT_NEAR(static_cast<double>((found[0].start - day_of(series, 210)).count()), 0, 2);
}

TEST(SilentDays, a_day_that_should_have_had_a_charge_is_missing) {
  CostSeries series = batch(3);
  series.cost[212] = kNoCharge;  // a Wednesday
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::missing_data);
  EXPECT_EQ(found[0].start, day_of(series, 212));
  EXPECT_EQ(found[0].end, day_of(series, 213));
  EXPECT_NEAR(found[0].expected_cost, 1150, 60) << "of one day";
  // The Thursday between is no part of it, and what should have come on both sides is one.
  series.cost[214] = kNoCharge;
  const auto longer = find(series);
  ASSERT_EQ(longer.size(), 1u);
  EXPECT_EQ(longer[0].end, day_of(series, 215));
  EXPECT_NEAR(longer[0].expected_cost, 2 * 1150, 120);
}

TEST(SilentDays, what_comes_by_chance_is_charged_too_seldom) {
  base::Random random(4);
  CostSeries series = example_series(5);
  for (double& cost : series.cost) {
    if (random.chance(0.55)) cost = kNoCharge;
  }
  EXPECT_FALSE(is_regular(series));
  EXPECT_TRUE(is_charged_seldom(series));
  EXPECT_FALSE(is_charged_seldom({{}, "USD", series.first, std::vector<double>(300, kNoCharge)}));
}

}  // namespace
}  // namespace costagent
