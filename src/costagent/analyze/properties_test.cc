// What holds for every bill, whatever is in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "costagent/analyze/example_series.h"
#include "costagent/analyze/incidents.h"
#include "costagent/analyze/trend.h"

namespace costagent {
namespace {

Period whole(const CostSeries& series) { return {series.first, series.first + std::chrono::days(series.cost.size())}; }

std::vector<Anomaly> find(const CostSeries& series, Sensitivity sensitivity) {
  return find_anomalies(series, {}, whole(series), thresholds_of(sensitivity, 20));
}

struct Charge {
  std::size_t service;
  std::size_t day;
  double amount;
};

// Each service's day in several charges of its own.
std::vector<Charge> charges_of_a_bill() {
  std::vector<Charge> charges;
  base::Random random(77);
  for (std::size_t service = 0; service < 3; ++service) {
    const CostSeries series = example_series(60 + service, {.level = 100.0 * static_cast<double>(service + 1)});
    for (std::size_t day = 0; day < series.cost.size(); ++day) {
      double left = series.cost[day] + (service == 1 && day == 200 ? 150 : 0) + (service == 2 && day > 280 ? 60 : 0);
      for (int part = 0; part < 3; ++part) {
        const double amount = part == 2 ? left : left * random.uniform();
        charges.push_back({service, day, amount});
        left -= amount;
      }
    }
  }
  return charges;
}

std::vector<Incident> incidents_of_bill(const std::vector<Charge>& charges) {
  const base::Day first = example_series(1).first;
  std::vector<SliceLevel> levels{{{}, {}}, {{Dimension::service}, {}}};
  levels[0].series.push_back({{}, "USD", first, std::vector<double>(365, 0.0)});
  for (const char* name : {"a", "b", "c"})
    levels[1].series.push_back({{name}, "USD", first, std::vector<double>(365, 0.0)});
  for (const Charge& charge : charges) {
    levels[0].series[0].cost[charge.day] += charge.amount;
    levels[1].series[charge.service].cost[charge.day] += charge.amount;
  }
  return find_incidents(levels, {first, first + std::chrono::days(365)}, Sensitivity::high);
}

TEST(Properties, the_order_of_charges_changes_nothing) {
  std::vector<Charge> charges = charges_of_a_bill();
  const auto once = incidents_of_bill(charges);
  ASSERT_GE(once.size(), 2u);
  base::Random random(5);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = charges.size(); i > 1; --i) std::swap(charges[i - 1], charges[random.below(i)]);
    const auto again = incidents_of_bill(charges);
    ASSERT_EQ(again.size(), once.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(again[i].cause().slice, once[i].cause().slice);
      EXPECT_EQ(again[i].cause().kind, once[i].cause().kind);
      EXPECT_EQ(again[i].cause().start, once[i].cause().start);
      EXPECT_NEAR(again[i].score, once[i].score, 1e-9);
    }
  }
}

TEST(Properties, a_factor_scales_a_trend_and_leaves_its_days) {
  CostSeries series = example_series(21, {.growth_per_month = 0.03});
  for (std::size_t i = 200; i < series.cost.size(); ++i) series.cost[i] *= 1.5;
  const Trend once = *trend_of(series);
  ASSERT_FALSE(once.changes.empty());
  for (const double factor : {1e-6, 0.37, 1e6}) {
    CostSeries scaled = series;
    for (double& cost : scaled.cost) cost *= factor;
    const Trend again = *trend_of(scaled);
    EXPECT_NEAR(again.daily_cost_change_per_month, factor * once.daily_cost_change_per_month,
                1e-9 * factor * std::abs(once.daily_cost_change_per_month));
    EXPECT_NEAR(again.percent_per_month, once.percent_per_month, 1e-6);
    ASSERT_EQ(again.changes.size(), once.changes.size());
    for (std::size_t i = 0; i < once.changes.size(); ++i) EXPECT_EQ(again.changes[i].day, once.changes[i].day);
  }
}

TEST(Properties, days_that_are_no_numbers_are_missing_and_invent_nothing_else) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  std::size_t others = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CostSeries series = example_series(seed, {.growth_per_month = 0});
    const std::size_t at[] = {50, 120, 190, 260};
    const double values[] = {kNoCharge, kInfinite, -kInfinite, 1e300};
    for (std::size_t i = 0; i < 4; ++i) series.cost[at[i]] = values[i];
    for (const Anomaly& anomaly : find(series, Sensitivity::medium)) {
      const auto day = static_cast<std::size_t>((anomaly.start - series.first).count());
      const bool is_it = std::find(std::begin(at), std::end(at), day) != std::end(at);
      EXPECT_TRUE(!is_it || anomaly.kind == AnomalyKind::missing_data || day == 260) << seed << " " << day;
      others += is_it ? 0 : 1;
    }
  }
  EXPECT_LE(others, 4u);
}

TEST(Properties, negative_costs_mirror_positive_ones) {
  CostSeries series = example_series(31, {.weekend = 1, .growth_per_month = 0});
  series.cost[100] += 400;
  const auto found = find(series, Sensitivity::medium);
  for (double& cost : series.cost) cost = -cost;
  const auto mirrored = find(series, Sensitivity::medium);
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(mirrored.size(), 1u);
  EXPECT_EQ(mirrored[0].kind, AnomalyKind::dip);
  EXPECT_EQ(mirrored[0].start, found[0].start);
}

TEST(Properties, the_29th_of_february_is_a_month_end_as_any_other) {
  int told = 0;
  int missed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CostSeries series = example_series(seed, {.month_end = 1});
    const auto leap_day = [&](const std::vector<Anomaly>& found) {
      return std::any_of(found.begin(), found.end(), [&](const Anomaly& anomaly) {
        const auto day = (anomaly.start - series.first).count();
        return day >= 57 && day <= 60;  // the 27th of February to the 1st of March
      });
    };
    told += leap_day(find(series, Sensitivity::medium));
    series.cost[59] -= 1000;  // its charge doesn't come
    missed += leap_day(find(series, Sensitivity::medium)) ? 0 : 1;
  }
  EXPECT_LE(told, 1);
  EXPECT_LE(missed, 1);
}

// A provider whose days begin nine hours late puts a part of each day on the next.
TEST(Properties, days_of_another_time_zone_invent_nothing_and_hide_nothing) {
  std::size_t others = 0;
  int found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CostSeries series = example_series(seed);
    series.cost[150] *= 1.6;
    for (std::size_t i = series.cost.size() - 1; i > 0; --i)
      series.cost[i] = 0.625 * series.cost[i] + 0.375 * series.cost[i - 1];
    series.cost[0] = 0.625 * series.cost[0] + 0.375 * 700;  // of the Sunday before
    bool seen = false;
    for (const Anomaly& anomaly : find(series, Sensitivity::medium)) {
      const auto day = (anomaly.start - series.first).count();
      const bool is_it = day >= 150 && day <= 151 && anomaly.kind == AnomalyKind::spike;
      seen |= is_it;
      others += is_it ? 0 : 1;
    }
    found += seen;
  }
  EXPECT_EQ(found, 20);
  EXPECT_LE(others, 4u);
}

}  // namespace
}  // namespace costagent
