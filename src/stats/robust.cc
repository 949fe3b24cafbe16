#include "stats/robust.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace stats {
namespace {

constexpr double kMostDeviation = 2.5;
// Of normal deviations, whose square is 1 without the bound.
constexpr double kMeanOfBoundedSquares = 0.97756;

std::vector<double> finite(std::span<const double> values) {
  std::vector<double> kept;
  kept.reserve(values.size());
  for (const double value : values) {
    if (std::isfinite(value)) kept.push_back(value);
  }
  return kept;
}

// The value of rank `index` in ascending order, which moves the others around it.
double ranked(std::vector<double>& values, std::size_t index) {
  assert(index < values.size());
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

double median_of(std::vector<double>& values) {
  const std::size_t middle = values.size() / 2;
  const double upper = ranked(values, middle);
  if (values.size() % 2 == 1) return upper;
  const double lower = *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle));
  // Halved before they are added, as the sum of two huge values is not finite.
  return lower / 2 + upper / 2;
}

}  // namespace

std::optional<double> median(std::span<const double> values) {
  auto kept = finite(values);
  if (kept.empty()) return std::nullopt;
  return median_of(kept);
}

std::optional<double> quantile(std::span<const double> values, double q) {
  assert(q >= 0 && q <= 1);
  auto kept = finite(values);
  if (kept.empty()) return std::nullopt;
  const double rank = q * static_cast<double>(kept.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const double low = ranked(kept, below);
  if (below + 1 == kept.size()) return low;
  const double high = *std::min_element(kept.begin() + static_cast<std::ptrdiff_t>(below) + 1, kept.end());
  return std::lerp(low, high, rank - static_cast<double>(below));
}

double scatter(std::span<const double> values, double center) {
  auto deviations = finite(values);
  if (deviations.empty()) return 0;
  for (double& value : deviations) value = std::abs(value - center);
  if (const double mad = median_of(deviations); mad > 0) return mad * kMadToSigma;
  double mean = 0;
  for (const double deviation : deviations) mean += deviation / static_cast<double>(deviations.size());
  return mean * kMeanDeviationToSigma;
}

double fine_scatter(std::span<const double> values, double center) {
  const double rough = scatter(values, center);
  const double most = kMostDeviation * rough;
  double squares = 0;
  double count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    // In parts of the bound, as the square of a huge value is not finite.
    const double part = rough > 0 ? std::min(std::abs(value - center) / most, 1.0) : 0;
    squares += part * part;
    count += 1;
  }
  return count > 0 ? most * std::sqrt(squares / count / kMeanOfBoundedSquares) : 0;
}

}  // namespace stats
