#include "costagent/service/forecasts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "costagent/service/analysis_levels.h"

namespace costagent {
namespace {

// Beside the dearest day nobody sees less; services add up to their total but for what doubles can't hold.
constexpr double kNegligible = 1e-9;

double largest(const CostSeries& series) {
  double most = 0;
  for (const double cost : series.cost) most = std::max(most, std::isnan(cost) ? 0 : std::abs(cost));
  return most;
}

bool is_nothing(const CostSeries& rest, const CostSeries& total) {
  return largest(rest) <= kNegligible * largest(total);
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
  // What rounding leaves on days on which nothing is left would be a negative cost as often as not.
  const double negligible = kNegligible * largest(total);
  for (double& cost : rest.cost) cost = std::abs(cost) <= negligible ? 0 : cost;
  if (!parts.empty()) parts.push_back(std::move(rest));
  return parts;
}

// A part with a shorter past than is needed counts with what is left of the total, which comes last and has no forecast
// where the parts are all there is.
std::vector<Forecast> forecasts_of(std::vector<CostSeries>& parts, const CostSeries& total, base::Day from) {
  std::vector<Forecast> forecasts;
  for (const CostSeries& part : parts) {
    if (&part == &parts.back() && is_nothing(part, total)) {
      forecasts.emplace_back();
      break;
    }
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

TotalForecast forecast_total(CostSeries total, base::Day from, const std::vector<CostSeries>& services,
                             std::size_t most) {
  TotalForecast result{std::move(total), {}};
  auto whole = forecast_of(result.total, from, kForecastDays + 1);
  if (!whole) return result;
  std::vector<CostSeries> parts = parts_of(result.total, services, most);
  std::vector<Forecast> forecasts = forecasts_of(parts, result.total, from);
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
