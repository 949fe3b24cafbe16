// What the next days of a slice will cost, where its month will end, and whether that is within a budget.
//
// Pure and thread-safe. How values and bounds come about is told in predict.h.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "costagent/analyze/predict.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

struct ForecastDay {
  base::Day day;
  double cost = 0;
  Bounds bounds;  // of that cost
};

struct Forecast {
  std::vector<ForecastDay> days;
  double total = 0;
  Bounds total_bounds;  // from the errors of past totals of as many days, not from the sum of daily bounds
  SumErrors sums;
  std::vector<ForecastDay> late;  // what is to come of days before the first that are not all there (late_days.h)
  int trials = 0;                 // past forecasts behind the bounds
  // No value and no bound is less: 0 if no cost of the past was negative.
  double least = -std::numeric_limits<double>::infinity();
};

// As far as is looked ahead: to the end of any month.
inline constexpr int kMostForecastDays = 40;
inline constexpr int kForecastDays = 30;
// A week: fewer days say nothing of the next.
inline constexpr int kLeastForecastHistory = 7;

// `days` (1 to kMostForecastDays) from `from` on, the day after the last that is known; what the series has from then
// on doesn't count. A time without costs is a gap of a week, the one up to `from` too, a day that is silent by the
// calendar (silences.h), and any gap between charges in a slice with charges on fewer than three days of five; other
// gaps are missing data, and so are last days that are late. None if fewer than kLeastForecastHistory days lie between
// the first charge and the last day that is not missing.
std::optional<Forecast> forecast_of(const CostSeries& series, base::Day from, int days = kForecastDays);

// Makes the parts add up to the whole, day by day: the difference goes to each, and to the whole itself, in proportion
// to the square of how uncertain it is (the weighted least squares of Hyndman, Lee and Wang 2016), but moves none below
// its least: what that holds back the others bear. So a sure forecast is hardly moved, a part that is always 0 not at
// all, and the whole learns from its parts. All have the same days. Bounds move with their forecasts.
void reconcile(Forecast& whole, std::span<Forecast> parts);

// Leaves the first `days` of a forecast, with the total of those.
void shorten(Forecast& forecast, int days);

// A calendar month that has begun.
struct Landing {
  Period month;
  double so_far = 0;  // charged until the forecast begins
  // So far, what is to come of late days, and forecast. As likely more as less comes of it, unless charges seldom come:
  // their mean is forecast, which is more than the middle of what they may be.
  double expected = 0;
  Bounds bounds;
};

// Of the month of the forecast's first day; none if the forecast ends before the month does.
std::optional<Landing> landing_of(const CostSeries& series, const Forecast& forecast);

struct BudgetOutlook {
  // That the month costs more than the budget: more than 0.5 just where the landing does (but where charges seldom
  // come), and 1 only where it was passed and no day may bring anything back. It agrees with the landing's bounds. Of
  // what none of n past forecasts showed it is 1 / 2(n + 1).
  double chance = 0;
  // The day from which on it is passed to the month's end, more likely than not; one in the past has passed it. There
  // is one just where the chance is more than 0.5.
  std::optional<base::Day> passed;
};

// Of a monthly budget; the landing is of this series and forecast.
BudgetOutlook outlook_of(const CostSeries& series, const Forecast& forecast, const Landing& landing, double budget);

}  // namespace costagent
