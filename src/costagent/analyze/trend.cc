#include "costagent/analyze/trend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "costagent/analyze/cycles.h"
#include "stats/change_points.h"
#include "stats/robust.h"
#include "stats/trend.h"

namespace costagent {
namespace {

constexpr double kDaysPerMonth = 30.4375;
constexpr double kLargestCost = 1e18;
// Seven weeks at a time; smaller steps than a twentieth, and levels of less than five days, nobody asks
// about.
constexpr stats::ChangePointOptions kChanges{50, 0.0001, 0.05, 5};

// Sudden changes of the level. What drifts from week to week is taken out first, by the median of it, which no step
// moves: else a steady slope would be taken for many small ones.
std::vector<LevelChange> changes_of(base::Day first, std::span<const double> steady) {
  constexpr std::size_t kWeek = 7;
  std::vector<double> drifts;
  drifts.reserve(steady.size());
  for (std::size_t i = kWeek; i < steady.size(); ++i) drifts.push_back((steady[i] - steady[i - kWeek]) / kWeek);
  const double drift = stats::median(drifts).value_or(0);
  const double middle = static_cast<double>(steady.size()) / 2;
  std::vector<double> rest;
  rest.reserve(steady.size());
  for (std::size_t i = 0; i < steady.size(); ++i) rest.push_back(steady[i] - drift * (static_cast<double>(i) - middle));
  std::vector<LevelChange> changes;
  std::vector<stats::ChangePoint> points = stats::change_points(rest, kChanges);
  for (std::size_t k = 0; k < points.size(); ++k) {
    constexpr std::size_t kSide = 14;
    const std::size_t at = points[k].index;
    const std::size_t begin = std::max(k == 0 ? 0 : points[k - 1].index, at - std::min(at, kSide));
    const std::size_t end = std::min(k + 1 == points.size() ? steady.size() : points[k + 1].index, at + kSide);
    const auto before = stats::median(steady.subspan(begin, at - begin));
    const auto after = stats::median(steady.subspan(at, end - at));
    // A growth that bends is no change of level either.
    if (!before || !after || std::abs(*after - *before) < kChanges.min_magnitude * std::abs(*before)) continue;
    changes.push_back({first + std::chrono::days(at), *before, *after});
  }
  return changes;
}

// From the first charge on; a week or more without charges, to the end as well, is a time without costs.
std::vector<double> prepared(const CostSeries& series, base::Day& first, int& days) {
  std::vector<double> cost = series.cost;
  const auto charged = [](double value) { return std::isfinite(value) && std::abs(value) <= kLargestCost; };
  for (double& value : cost) value = charged(value) ? value : kNoCharge;
  const auto begin = std::find_if(cost.begin(), cost.end(), charged);
  first = series.first + std::chrono::days(begin - cost.begin());
  cost.erase(cost.begin(), begin);
  days = static_cast<int>(std::count_if(cost.begin(), cost.end(), charged));
  for (auto at = cost.begin(); at != cost.end();) {
    const auto gap = std::find_if_not(at, cost.end(), charged);
    at = std::find_if(gap, cost.end(), charged);
    if (at - gap >= kDaysWithoutCosts) std::fill(gap, at, 0.0);
  }
  cost.erase(std::find_if(cost.rbegin(), cost.rend(), charged).base(), cost.end());
  return cost;
}

// What is off has no week.
void leave_off(const std::vector<double>& cost, std::vector<double>& steady) {
  for (auto at = cost.begin(); at != cost.end();) {
    const auto off = std::find(at, cost.end(), 0.0);
    at = std::find_if_not(off, cost.end(), [](double value) { return value == 0; });
    if (at - off >= kDaysWithoutCosts)
      std::fill(steady.begin() + (off - cost.begin()), steady.begin() + (at - cost.begin()), 0.0);
  }
}

}  // namespace

std::optional<Trend> trend_of(const CostSeries& series) {
  Trend trend;
  base::Day first;
  const std::vector<double> cost = prepared(series, first, trend.days);
  if (trend.days < kLeastTrendDays) return std::nullopt;
  std::vector<double> steady = Cycles::learn({first, std::chrono::days(1)}, cost).without(cost);
  leave_off(cost, steady);
  const auto line = stats::theil_sen(steady);
  if (!line) return std::nullopt;
  const double wider = std::sqrt(stats::trend_inflation(steady, line->slope));
  trend.daily_cost_change_per_month = line->slope * kDaysPerMonth;
  trend.change_low = (line->slope - wider * (line->slope - line->slope_low)) * kDaysPerMonth;
  trend.change_high = (line->slope + wider * (line->slope_high - line->slope)) * kDaysPerMonth;
  const double typical = std::abs(stats::median(steady).value_or(0));
  if (typical > 0) trend.percent_per_month = 100 * trend.daily_cost_change_per_month / typical;
  trend.changes = changes_of(first, steady);
  return trend;
}

}  // namespace costagent
