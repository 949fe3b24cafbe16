// Where a cost series is heading: its slope, and what the next weeks would cost if nothing changed.
//
// Pure and thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "costagent/domain/cost_series.h"

namespace costagent {

// The slope of a daily cost without its weekly cycle and monthly charges, by Theil (1950) with the 95 % interval of Sen
// (1968). The interval takes days as independent, so it is too narrow where costs wander.
struct Trend {
  double daily_cost_change_per_month = 0;  // money a day, gained in a month of 30.4375 days
  double change_low = 0;
  double change_high = 0;
  double percent_per_month = 0;  // of the typical daily cost; 0 if that is 0
  int days = 0;                  // with a charge

  bool rises() const { return change_low > 0; }
  bool falls() const { return change_high < 0; }
};

// None of a series with fewer than 28 days.
std::optional<Trend> trend_of(const CostSeries& series);

struct ForecastDay {
  base::Day day;
  double cost = 0;
  double low = 0;  // between low and high lay 80 % of this method's own past forecasts of as many days ahead
  double high = 0;
};

struct Forecast {
  std::vector<ForecastDay> days;
  double total = 0;
  double total_low = 0;  // from the errors of past totals of as many days, not from the sum of daily bounds
  double total_high = 0;
  int trials = 0;  // past forecasts behind the bounds
};

// How far ahead a forecast looks, and what it needs: eight weeks to learn from and as many trials as give quantiles.
inline constexpr int kForecastDays = 30;
inline constexpr int kLeastForecastHistory = 112;

// The last two weeks' median level, moved on by the robust slope of the last eight weeks, with weekly cycle and monthly
// charges. The bounds come from making the same forecast weekly in the past and comparing. None if fewer than
// kLeastForecastHistory days lie between the first and the last charge.
std::optional<Forecast> forecast_of(const CostSeries& series);

}  // namespace costagent
