#include "costagent/analyze/forecast.h"

#include <gtest/gtest.h>

#include <cmath>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

base::Day end_of(const CostSeries& series) { return series.first + std::chrono::days(series.cost.size()); }

Forecast forecast_after(const CostSeries& series, int days = kForecastDays) {
  return *forecast_of(series, end_of(series), days);
}

double sum_of(const std::vector<Forecast>& parts, std::size_t day) {
  double sum = 0;
  for (const Forecast& part : parts) sum += part.days[day].cost;
  return sum;
}

TEST(Forecast, holds_the_next_months_total_about_four_times_in_five) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CostSeries series = example_series(seed, {.days = 330, .month_end = 0.5});
    double actual = 0;
    for (std::size_t i = 300; i < 330; ++i) actual += series.cost[i];
    series.cost.resize(300);
    const Forecast forecast = forecast_after(series);
    EXPECT_EQ(forecast.days.size(), 30u);
    EXPECT_EQ(forecast.days.front().day, end_of(series));
    EXPECT_NEAR(forecast.total, actual, 0.1 * actual);
    held += forecast.total_bounds.low_80 <= actual && actual <= forecast.total_bounds.high_80;
  }
  EXPECT_GE(held, 42);
}

TEST(Forecast, a_week_is_the_least) {
  EXPECT_FALSE(forecast_of(example_series(1, {.days = 6}), end_of(example_series(1, {.days = 6}))));
  EXPECT_TRUE(forecast_of(example_series(1, {.days = 7}), end_of(example_series(1, {.days = 7}))));
}

TEST(Forecast, begins_where_it_is_asked_to_although_a_bill_is_late) {
  CostSeries series = example_series(2, {.days = 200, .growth_per_month = 0});
  const base::Day from = end_of(series);
  for (std::size_t i = 197; i < 200; ++i) series.cost[i] = kNoCharge;
  const auto forecast = forecast_of(series, from);
  EXPECT_EQ(forecast->days.front().day, from);
  // Day 200 is a Friday.
  EXPECT_NEAR(forecast->days[0].cost, 1000, 60);
  EXPECT_NEAR(forecast->days[1].cost, 700, 60);
}

TEST(Forecast, of_a_service_that_ended_is_nothing) {
  CostSeries series = example_series(3, {.days = 200});
  for (std::size_t i = 170; i < 200; ++i) series.cost[i] = kNoCharge;
  const Forecast forecast = forecast_after(series);
  EXPECT_NEAR(forecast.total, 0, 1e-6);
}

TEST(Forecast, begins_after_a_silence_of_any_length_which_is_costs_of_zero_from_a_week_on) {
  CostSeries series = example_series(3, {.days = 100, .growth_per_month = 0});
  for (const int silence : {6, 7, 20, 60, 300}) {
    const base::Day from = end_of(series) + std::chrono::days(silence);
    const auto forecast = forecast_of(series, from);
    ASSERT_TRUE(forecast) << silence;
    EXPECT_EQ(forecast->days.front().day, from) << silence;
    EXPECT_EQ(forecast->days.size(), 30u);
    if (silence < 7) {
      EXPECT_NEAR(forecast->total, 30 * 6.4 / 7 * 1000, 1500);
    } else if (silence >= 14) {
      EXPECT_NEAR(forecast->total, 0, 1e-6) << silence;
    } else {
      EXPECT_LT(forecast->total, 0.3 * 30 * 1000) << silence;
    }
  }
}

// Without a charge where a day is one of a weekend.
CostSeries on_business_days(std::uint64_t seed, int days) {
  CostSeries series = example_series(seed, {.days = days, .noise = 0.08, .growth_per_month = 0});
  for (std::size_t i = 0; i < series.cost.size(); ++i) series.cost[i] = i % 7 >= 5 ? kNoCharge : series.cost[i];
  return series;
}

double sum_of(std::span<const double> costs) {
  double sum = 0;
  for (const double cost : costs) sum += std::isnan(cost) ? 0 : cost;
  return sum;
}

TEST(Forecast, of_what_is_billed_on_business_days_has_no_weekends) {
  int held_80 = 0;
  int held_95 = 0;
  constexpr int kSeries = 60;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    CostSeries series = on_business_days(seed, 230 + static_cast<int>(seed % 7));
    const double actual = sum_of(std::span(series.cost).last(30));
    series.cost.resize(series.cost.size() - 30);
    const Forecast forecast = forecast_after(series);
    for (const ForecastDay& day : forecast.days) {
      const bool weekend = (day.day - series.first).count() % 7 >= 5;
      EXPECT_EQ(day.cost == 0, weekend);
      EXPECT_EQ(day.bounds.high_95 == 0, weekend);
    }
    EXPECT_NEAR(forecast.total, actual, 0.08 * actual);
    held_80 += forecast.total_bounds.low_80 <= actual && actual <= forecast.total_bounds.high_80;
    held_95 += forecast.total_bounds.low_95 <= actual && actual <= forecast.total_bounds.high_95;
  }
  EXPECT_GE(held_80, kSeries * 2 / 3);
  EXPECT_LT(held_80, kSeries);
  EXPECT_GE(held_95, kSeries * 9 / 10);
}

TEST(Forecast, a_day_without_a_charge_is_missing_where_its_weekday_is_usually_charged) {
  CostSeries series = on_business_days(1, 140);
  const double whole = forecast_after(series).total;
  for (const std::size_t day : {30U, 65U, 101U, 136U, 137U}) series.cost[day] = kNoCharge;
  EXPECT_NEAR(forecast_after(series).total, whole, 0.02 * whole);
  CostSeries daily = example_series(1, {.days = 140, .growth_per_month = 0});
  const double of_daily = forecast_after(daily).total;
  for (const std::size_t day : {30U, 65U, 101U, 131U, 138U}) daily.cost[day] = kNoCharge;
  EXPECT_NEAR(forecast_after(daily).total, of_daily, 0.02 * of_daily);
}

TEST(Forecast, weekends_without_charges_may_begin_and_end) {
  CostSeries begun = example_series(2, {.days = 189, .weekend = 1, .growth_per_month = 0});
  CostSeries ended = begun;
  for (std::size_t i = 0; i < 189; ++i) (i < 168 ? ended : begun).cost[i] = i % 7 >= 5 ? kNoCharge : begun.cost[i];
  const Forecast without = forecast_after(begun);
  EXPECT_EQ(without.days[5].cost, 0);
  EXPECT_NEAR(without.days[4].cost, 1000, 100);
  EXPECT_NEAR(without.total, 22'000, 1500);
  EXPECT_GT(forecast_after(ended).days[5].cost, 0);
}

TEST(Forecast, of_what_is_free_on_the_first_days_of_a_month_is_nothing_there) {
  CostSeries series = example_series(4, {.days = 213, .growth_per_month = 0});
  const auto month_day = [](base::Day day) { return static_cast<unsigned>(std::chrono::year_month_day(day).day()); };
  for (const double free : {0.0, kNoCharge}) {
    for (std::size_t i = 0; i < series.cost.size(); ++i) {
      if (month_day(series.first + std::chrono::days(i)) <= 5) series.cost[i] = free;
    }
    for (const ForecastDay& day : forecast_after(series).days) {
      EXPECT_EQ(day.cost == 0, month_day(day.day) <= 5);
      EXPECT_EQ(day.bounds.high_95 == 0, month_day(day.day) <= 5);
    }
  }
}

TEST(Forecast, parts_add_up_to_the_whole_and_a_part_without_costs_changes_nothing) {
  std::vector<CostSeries> series;
  CostSeries total = example_series(0, {.days = 200, .level = 0});
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    series.push_back(example_series(seed, {.days = 200, .level = 100.0 * static_cast<double>(seed), .noise = 0.05}));
    for (std::size_t i = 0; i < 200; ++i) total.cost[i] += series.back().cost[i];
  }
  Forecast whole = forecast_after(total);
  std::vector<Forecast> parts;
  for (const CostSeries& part : series) parts.push_back(forecast_after(part));
  Forecast whole_with_zero = whole;
  std::vector<Forecast> with_zero = parts;
  with_zero.push_back(forecast_after({{}, "USD", total.first, std::vector<double>(200, 0.0)}));

  reconcile(whole, parts);
  reconcile(whole_with_zero, with_zero);
  double sum = 0;
  for (std::size_t day = 0; day < whole.days.size(); ++day) {
    EXPECT_NEAR(sum_of(parts, day), whole.days[day].cost, 1e-9 * whole.days[day].cost);
    EXPECT_NEAR(whole_with_zero.days[day].cost, whole.days[day].cost, 1e-9);
    EXPECT_EQ(with_zero.back().days[day].cost, 0);
    sum += whole.days[day].cost;
  }
  EXPECT_NEAR(whole.total, sum, 1e-6);
  EXPECT_LE(whole.total_bounds.low_80, whole.total);
}

// `value` on one day, as uncertain as the deviation says; never below the least.
Forecast forecast_of_day(double value, double deviation, double least) {
  const auto at = [&](double deviations) { return std::max(least, value + deviations * deviation); };
  Forecast forecast;
  forecast.days.push_back({base::Day{}, value, {at(-1.2816), at(1.2816), at(-1.96), at(1.96)}});
  forecast.total = value;
  forecast.total_bounds = forecast.days.front().bounds;
  forecast.least = least;
  return forecast;
}

constexpr double kAnything = -std::numeric_limits<double>::infinity();

TEST(Forecast, parts_that_are_never_negative_are_moved_to_nothing_at_most_and_the_others_bear_the_rest) {
  Forecast whole = forecast_of_day(60, 1, 0);
  std::vector<Forecast> parts{forecast_of_day(5, 4, 0), forecast_of_day(60, 10, 0), forecast_of_day(40, 2, 0)};
  reconcile(whole, parts);
  // In proportion to 16, 100, 4 and 1 the first would be moved to -1; held at 0, it leaves 40 for the others.
  EXPECT_EQ(parts[0].days[0].cost, 0);
  EXPECT_GE(parts[0].days[0].bounds.low_95, 0);
  EXPECT_GE(parts[0].total_bounds.low_95, 0);
  EXPECT_GT(parts[0].days[0].bounds.high_80, 0);
  EXPECT_NEAR((60 - parts[1].days[0].cost) / (40 - parts[2].days[0].cost), 25, 0.5);
  EXPECT_NEAR(sum_of(parts, 0), whole.days[0].cost, 1e-12);
  EXPECT_NEAR(whole.days[0].cost, 60.4, 0.1);
}

TEST(Forecast, a_part_that_may_bring_something_back_has_no_least_and_a_whole_has_its_own) {
  Forecast whole = forecast_of_day(10, 3, kAnything);
  std::vector<Forecast> parts{forecast_of_day(3, 10, kAnything), forecast_of_day(30, 10, 0)};
  reconcile(whole, parts);
  EXPECT_LT(parts[0].days[0].cost, 0);
  EXPECT_NEAR(sum_of(parts, 0), whole.days[0].cost, 1e-12);

  Forecast held = forecast_of_day(5, 20, 0);
  std::vector<Forecast> negative{forecast_of_day(-40, 10, kAnything), forecast_of_day(20, 10, 0)};
  reconcile(held, negative);
  EXPECT_EQ(held.days[0].cost, 0);
  EXPECT_GE(held.days[0].bounds.low_95, 0);
  EXPECT_NEAR(sum_of(negative, 0), 0, 1e-12);
  EXPECT_NEAR(negative[1].days[0].cost, 30, 1e-9);
}

TEST(Forecast, parts_of_bills_without_credits_are_never_negative) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    base::Random random(seed);
    std::vector<CostSeries> series(4, example_series(seed, {.days = 120, .level = 0}));
    CostSeries total = series[0];
    for (std::size_t i = 0; i < 120; ++i) {
      for (std::size_t k = 0; k < series.size(); ++k) {
        const double size = std::pow(4.0, static_cast<double>(k));
        series[k].cost[i] = size * (random.chance(0.8) ? 1 + 0.1 * random.normal() : 0.1);
        total.cost[i] += series[k].cost[i];
      }
    }
    Forecast whole = forecast_after(total);
    std::vector<Forecast> parts;
    for (const CostSeries& part : series) parts.push_back(forecast_after(part));
    // A whole that knows of an end its parts don't.
    for (ForecastDay& day : whole.days) day.cost *= 0.1;
    reconcile(whole, parts);
    for (std::size_t day = 0; day < whole.days.size(); ++day) {
      EXPECT_NEAR(sum_of(parts, day), whole.days[day].cost, 1e-9);
      for (const Forecast& part : parts) {
        const auto& [ignored, cost, bounds] = part.days[day];
        EXPECT_GE(bounds.low_95, 0);
        EXPECT_GE(cost, bounds.low_80);
        EXPECT_LE(bounds.low_95, bounds.low_80);
        EXPECT_LE(cost, bounds.high_80);
      }
    }
    for (const Forecast& part : parts) EXPECT_GE(part.total_bounds.low_95, 0);
  }
}

TEST(Forecast, lands_a_month_between_what_was_charged_and_what_is_to_come) {
  // 2024-01-01 to 2024-07-18: 18 days of July are charged.
  const CostSeries series = example_series(5, {.days = 200, .weekend = 1, .growth_per_month = 0});
  const Forecast forecast = forecast_after(series);
  const auto landing = landing_of(series, forecast);
  ASSERT_TRUE(landing);
  EXPECT_EQ(landing->month.days(), 31);
  EXPECT_NEAR(landing->so_far, 18'000, 400);
  EXPECT_NEAR(landing->expected, 31'000, 600);
  EXPECT_LT(landing->bounds.low_80, landing->expected);
  EXPECT_GT(landing->bounds.low_80, 30'000);
  EXPECT_GT(landing->bounds.high_95, landing->bounds.high_80);
  EXPECT_FALSE(landing_of(series, forecast_after(series, 10))) << "ten days don't reach the month's end";
}

TEST(Forecast, says_how_likely_a_budget_is_passed_and_when) {
  const CostSeries series = example_series(5, {.days = 200, .weekend = 1, .growth_per_month = 0});
  const Forecast forecast = forecast_after(series);
  const Landing landing = *landing_of(series, forecast);
  const auto ask = [&](double budget) { return outlook_of(series, forecast, landing, budget); };
  const BudgetOutlook passed = ask(10'000);
  EXPECT_EQ(passed.chance, 1);
  EXPECT_LT(*passed.passed, forecast.days.front().day);
  const BudgetOutlook likely = ask(25'500);
  EXPECT_GT(likely.chance, 0.95);
  EXPECT_EQ(base::format_day(*likely.passed), "2024-07-26");
  const BudgetOutlook open = ask(landing.expected);
  EXPECT_NEAR(open.chance, 0.5, 0.3);
  const BudgetOutlook safe = ask(40'000);
  EXPECT_LT(safe.chance, 0.05);
  EXPECT_FALSE(safe.passed);
}

TEST(Forecast, cost_bounds_chance_and_day_of_a_month_agree) {
  base::Random random(3);
  for (const int days : {8, 12, 40, 60, 200, 201, 213}) {
    for (const double slope : {0.0, 2.0, -0.4}) {
      CostSeries series{{}, "USD", base::Day(std::chrono::days(19'723)), {}};
      for (int i = 0; i < days; ++i) series.cost.push_back(100 + slope * i + random.normal());
      const Forecast forecast = forecast_after(series, kForecastDays + 1);
      const Landing landing = *landing_of(series, forecast);
      const Bounds& bounds = landing.bounds;
      const auto ask = [&](double budget) { return outlook_of(series, forecast, landing, budget); };
      SCOPED_TRACE(days);
      SCOPED_TRACE(slope);
      EXPECT_LT(bounds.low_80, landing.expected);
      EXPECT_LT(landing.expected, bounds.high_80);
      EXPECT_GE(bounds.low_95, landing.so_far);
      for (const double share : {0.5, 0.9, 0.999, 1.001, 1.1, 1.5}) {
        const BudgetOutlook outlook = ask(share * landing.expected);
        EXPECT_EQ(outlook.chance > 0.5, share < 1) << share;
        EXPECT_EQ(outlook.passed.has_value(), share < 1) << share;
      }
      EXPECT_NEAR(ask(bounds.high_80).chance, 0.1, 0.03);
      EXPECT_NEAR(ask(bounds.low_80).chance, 0.9, 0.03);
    }
  }
}

TEST(Forecast, of_a_budget_that_a_credit_keeps_the_day_is_told_no_more) {
  CostSeries series{{}, "USD", base::Day(std::chrono::days(19'723)), std::vector<double>(205, 100.0)};
  // July's 23rd of 2024 is the last day, and its 10th brings a credit.
  series.cost[191] = -900;
  const Forecast forecast = forecast_after(series, kForecastDays + 1);
  const Landing landing = *landing_of(series, forecast);
  ASSERT_NEAR(landing.so_far, 1300, 1e-9);
  EXPECT_LT(outlook_of(series, forecast, landing, 2500).chance, 0.5);
  EXPECT_FALSE(outlook_of(series, forecast, landing, 2500).passed);
  const BudgetOutlook passed = outlook_of(series, forecast, landing, 700);
  EXPECT_GT(passed.chance, 0.5);
  EXPECT_EQ(base::format_day(*passed.passed), "2024-07-18") << "not by the first nine days";
}

TEST(Forecast, a_chance_says_no_more_than_the_past_can) {
  const CostSeries series{{}, "USD", base::Day{}, std::vector<double>(9, 31.0)};
  const Forecast forecast = forecast_after(series, kForecastDays + 1);
  const double chance = outlook_of(series, forecast, *landing_of(series, forecast), 5000).chance;
  EXPECT_GE(chance, 0.5 / (forecast.trials + 1));
  EXPECT_LE(chance, 0.5 / (forecast.trials - 1));
}

TEST(Forecast, of_wild_series_is_finite_or_none) {
  for (const double value : {0.0, -5.0, 1e308, static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    CostSeries series{{}, "USD", base::Day{}, std::vector<double>(150, value)};
    series.cost[70] = 3;
    if (const auto forecast = forecast_of(series, end_of(series))) {
      EXPECT_TRUE(std::isfinite(forecast->total_bounds.low_95) && std::isfinite(forecast->total_bounds.high_95))
          << value;
    }
  }
}

}  // namespace
}  // namespace costagent
