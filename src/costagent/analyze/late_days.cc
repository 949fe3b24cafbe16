#include "costagent/analyze/late_days.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "costagent/analyze/predict.h"
#include "costagent/analyze/silences.h"
#include "stats/robust.h"

namespace costagent {
namespace {

// One more than may be late: if that is low too, the level fell.
constexpr std::size_t kLooked = kMostLateDays + 1;
// Two weeks tell what a day of the week costs.
constexpr std::size_t kLeastPast = 14;
constexpr double kMostOfExpected = 0.7;
constexpr double kLeastDeviations = 6;

// Where the low days at the end begin. Nothing is low of which nothing is expected, and a gap isn't either.
template <class Low, class Nothing>
std::size_t low_from(std::span<const double> costs, const Low& low, const Nothing& nothing_expected) {
  std::size_t begin = costs.size();
  for (std::size_t i = costs.size(); i-- > costs.size() - kLooked;) {
    if (!std::isfinite(costs[i]) || nothing_expected(i)) continue;
    if (!low(i)) break;
    begin = i;
  }
  return begin;
}

// As the same day of the last weeks; this spares nearly all series a forecast.
double usual(std::span<const double> costs, std::size_t i) {
  std::vector<double> before;
  for (std::size_t week = 1; week <= 4 && 7 * week <= i; ++week) before.push_back(costs[i - 7 * week]);
  return stats::median(before).value_or(0);
}

}  // namespace

std::size_t days_before_late_ones(base::Day first, std::span<const double> costs) {
  const std::size_t days = costs.size();
  if (days < kLeastPast + kLooked) return days;
  const auto looks_low = [&](std::size_t i) { return costs[i] < kMostOfExpected * usual(costs, i); };
  // A habit that has just begun isn't expected yet.
  const Silences silences = silences_of(first, costs, Charging::unknown);
  const auto usually_nothing = [&](std::size_t i) { return silences.at(i) || usual(costs, i) <= 0; };
  if (low_from(costs, looks_low, usually_nothing) == days) return days;

  std::span<const double> past = costs.first(days - kLooked);
  while (!past.empty() && !std::isfinite(past.back())) past = past.first(past.size() - 1);
  if (past.empty()) return days;
  const auto predicted = predict({first, std::chrono::days(1)}, past, days - past.size());
  if (!predicted) return days;
  const auto expected = [&](std::size_t i) { return predicted->values[i - past.size()]; };
  const auto low = [&](std::size_t i) {
    const auto& [value, bounds] = expected(i);
    // A low bound may be cut at 0.
    const double deviation = std::max(bounds.high_80 - value, value - bounds.low_80) / 1.2816;
    return costs[i] < kMostOfExpected * value && costs[i] < value - kLeastDeviations * deviation;
  };
  const auto nothing = [&](std::size_t i) { return silences.at(i) || expected(i).value <= 0; };
  const std::size_t begin = low_from(costs, low, nothing);
  return begin + kLooked == days ? days : begin;
}

}  // namespace costagent
