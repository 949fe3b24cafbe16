#include "costagent/service/forecasts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "costagent/service/analysis_levels.h"

namespace costagent {
namespace {

// The day after the last charge.
base::Day end_of(const CostSeries& series) {
  const auto last =
      std::find_if(series.cost.rbegin(), series.cost.rend(), [](double cost) { return !std::isnan(cost); });
  return series.first + std::chrono::days(last.base() - series.cost.begin());
}

// The dearest services of the total's currency, and what they leave of it; all of the total's days.
std::vector<CostSeries> parts_of(const CostSeries& total, const std::vector<CostSeries>& services, std::size_t most) {
  std::vector<CostSeries> parts;
  CostSeries rest = total;
  for (const CostSeries& service : services) {
    if (parts.size() == most) break;
    if (service.currency != total.currency) continue;
    CostSeries& part = parts.emplace_back(service);
    part.cost.resize(total.cost.size());
    for (std::size_t i = 0; i < rest.cost.size(); ++i) rest.cost[i] -= std::isnan(part.cost[i]) ? 0 : part.cost[i];
  }
  if (!parts.empty()) parts.push_back(std::move(rest));
  return parts;
}

// A part with a shorter past than is needed counts with what is left of the total, which comes last.
std::vector<Forecast> forecasts_of(std::vector<CostSeries>& parts, base::Day from) {
  std::vector<Forecast> forecasts;
  for (const CostSeries& part : parts) {
    auto forecast = forecast_of(part, from, kForecastDays + 1);
    if (!forecast && &part != &parts.back()) {
      for (std::size_t i = 0; i < part.cost.size(); ++i) {
        if (!std::isnan(part.cost[i])) parts.back().cost[i] += part.cost[i];
      }
    }
    forecasts.push_back(forecast ? std::move(*forecast) : Forecast{});
  }
  return forecasts;
}

}  // namespace

TotalForecast forecast_total(CostSeries total, const std::vector<CostSeries>& services, std::size_t most) {
  TotalForecast result{std::move(total), {}};
  const base::Day from = end_of(result.total);
  auto whole = forecast_of(result.total, from, kForecastDays + 1);
  if (!whole) return result;
  std::vector<CostSeries> parts = parts_of(result.total, services, most);
  std::vector<Forecast> forecasts = forecasts_of(parts, from);
  result.slices.push_back({kByNothing, {}, result.total.currency, {}, {}, {}});
  std::vector<Forecast> known;
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    if (forecasts[i].days.empty()) continue;
    const bool rest = i + 1 == forecasts.size();
    result.slices.push_back({kByService, rest ? SliceKey{} : parts[i].key, result.total.currency, {}, {}, {}, rest});
    known.push_back(std::move(forecasts[i]));
  }
  reconcile(*whole, known);
  result.slices.front().landing = landing_of(result.total, *whole);
  result.slices.front().forecast = std::move(*whole);
  for (std::size_t i = 0; i < known.size(); ++i) {
    shorten(known[i], kForecastDays);
    known[i].sums = {};  // 30 KB, which only a month's end is made of
    result.slices[1 + i].forecast = std::move(known[i]);
  }
  return result;
}

std::vector<SliceForecast> told(const TotalForecast& forecast, const base::Decimal& monthly_budget) {
  std::vector<SliceForecast> slices = forecast.slices;
  if (slices.empty()) return slices;
  SliceForecast& total = slices.front();
  if (total.landing && !monthly_budget.is_zero())
    total.outlook = outlook_of(forecast.total, total.forecast, *total.landing, monthly_budget.to_double());
  shorten(total.forecast, kForecastDays);
  return slices;
}

}  // namespace costagent
