#include "costagent/analyze/trend.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "costagent/analyze/baseline.h"
#include "stats/robust.h"
#include "stats/trend.h"

namespace costagent {
namespace {

constexpr double kDaysPerMonth = 30.4375;
constexpr int kLevelDays = 14;
constexpr int kSlopeDays = 56;
// Past forecasts are a week apart; more than half a year of them says how the method did on another workload.
constexpr int kTrialStep = 7;
constexpr int kMostTrials = 26;
constexpr double kInside = 0.8;

using Costs = std::span<const double>;

struct Charged {
  base::Day first;
  Costs cost;
};

// The part from the first to the last charge.
Charged charged_part(const CostSeries& series) {
  const auto charged = [](double value) { return std::isfinite(value); };
  const auto begin = std::find_if(series.cost.begin(), series.cost.end(), charged);
  const auto end = std::find_if(series.cost.rbegin(), series.cost.rend(), charged).base();
  if (begin == series.cost.end()) return {series.first, {}};
  return {series.first + std::chrono::days(begin - series.cost.begin()), Costs(begin, end)};
}

// The costs of the days after `cost`, or nothing where they can't be told.
std::vector<double> predict(base::Day first, Costs cost) {
  const auto baseline = baseline_of(first, cost);
  if (!baseline) return {};
  const Costs steady = baseline->deseasoned;
  const auto recent = steady.last(std::min<std::size_t>(steady.size(), kSlopeDays));
  const auto line = stats::theil_sen(recent);
  const auto level = stats::median(steady.last(std::min<std::size_t>(steady.size(), kLevelDays)));
  if (!line || !level) return {};
  // A slope that may as well be none is none: chance would be carried on for a month.
  const double slope = line->slope_low > 0 || line->slope_high < 0 ? line->slope : 0;

  std::vector<double> result;
  for (int ahead = 0; ahead < kForecastDays; ++ahead) {
    // The median of the last days stands in their middle.
    double expected = *level + slope * (ahead + 0.5 + kLevelDays / 2.0);
    // What costs money today doesn't earn any by falling on.
    if (*level > 0) expected = std::max(expected, 0.0);
    const base::Day day = first + std::chrono::days(static_cast<std::ptrdiff_t>(cost.size()) + ahead);
    result.push_back(expected +
                     baseline->cycle_after(day) * (baseline->proportional ? expected : baseline->unit.back()));
  }
  return result;
}

// Actual less forecast: of each day ahead, one value a trial, and of the whole.
struct Errors {
  std::vector<std::vector<double>> by_day = std::vector<std::vector<double>>(kForecastDays);
  std::vector<double> total;
};

Errors past_errors(const Charged& data) {
  Errors errors;
  const int days = static_cast<int>(data.cost.size());
  for (int trial = 0; trial < kMostTrials; ++trial) {
    const int origin = days - kForecastDays - trial * kTrialStep;
    if (origin < kSlopeDays) break;
    const auto forecast = predict(data.first, data.cost.first(static_cast<std::size_t>(origin)));
    if (forecast.empty()) continue;
    double total = 0;
    for (std::size_t ahead = 0; ahead < forecast.size(); ++ahead) {
      const double error = data.cost[static_cast<std::size_t>(origin) + ahead] - forecast[ahead];
      if (!std::isfinite(error)) continue;
      errors.by_day[ahead].push_back(error);
      total += error;
    }
    errors.total.push_back(total);
  }
  return errors;
}

double quantile_or_zero(const std::vector<double>& values, double q) { return stats::quantile(values, q).value_or(0); }

}  // namespace

std::optional<Trend> trend_of(const CostSeries& series) {
  const Charged data = charged_part(series);
  const auto baseline = baseline_of(data.first, data.cost);
  if (!baseline) return std::nullopt;
  const auto line = stats::theil_sen(baseline->deseasoned);
  if (!line) return std::nullopt;

  Trend trend;
  trend.daily_cost_change_per_month = line->slope * kDaysPerMonth;
  trend.change_low = line->slope_low * kDaysPerMonth;
  trend.change_high = line->slope_high * kDaysPerMonth;
  const double typical = std::abs(stats::median(baseline->deseasoned).value_or(0));
  if (typical > 0) trend.percent_per_month = 100 * trend.daily_cost_change_per_month / typical;
  trend.days =
      static_cast<int>(std::count_if(data.cost.begin(), data.cost.end(), [](double c) { return std::isfinite(c); }));
  return trend;
}

std::optional<Forecast> forecast_of(const CostSeries& series) {
  const Charged data = charged_part(series);
  if (data.cost.size() < kLeastForecastHistory) return std::nullopt;
  const auto predicted = predict(data.first, data.cost);
  const Errors errors = past_errors(data);
  if (predicted.empty() || errors.total.empty()) return std::nullopt;

  constexpr double kTail = (1 - kInside) / 2;
  Forecast forecast;
  forecast.trials = static_cast<int>(errors.total.size());
  const base::Day next = data.first + std::chrono::days(data.cost.size());
  for (std::size_t ahead = 0; ahead < predicted.size(); ++ahead) {
    ForecastDay& day = forecast.days.emplace_back();
    day.day = next + std::chrono::days(ahead);
    day.cost = predicted[ahead];
    // A bound never lies on the other side of the forecast, even if the method was always off in one direction.
    day.low = day.cost + std::min(0.0, quantile_or_zero(errors.by_day[ahead], kTail));
    day.high = day.cost + std::max(0.0, quantile_or_zero(errors.by_day[ahead], 1 - kTail));
    forecast.total += day.cost;
  }
  forecast.total_low = forecast.total + std::min(0.0, quantile_or_zero(errors.total, kTail));
  forecast.total_high = forecast.total + std::max(0.0, quantile_or_zero(errors.total, 1 - kTail));
  return forecast;
}

}  // namespace costagent
