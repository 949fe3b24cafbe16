// Forecasts of a total and of services that add up to it. Pure and thread-safe.
#pragma once

#include <vector>

#include "costagent/service/analysis.h"

namespace costagent {

struct TotalForecast {
  CostSeries total;
  // The total, longer by a day than what is told, so that the month's end is always seen; then its parts.
  std::vector<SliceForecast> slices;
};

// From `from` on, the day after the bill's last known one, also where this total's charges ended before. Of the `most`
// dearest services of the total's currency, and of what they leave if that is anything; nothing if the past is too
// short.
TotalForecast forecast_total(CostSeries total, base::Day from, const std::vector<CostSeries>& services,
                             std::size_t most);

// As it is told: with the days that are, and with what a budget (0: there is none) makes of the total's month.
std::vector<SliceForecast> told(const TotalForecast& forecast, const base::Decimal& monthly_budget);

}  // namespace costagent
