#include "stats/block_bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace stats {
namespace {

// Of lag 0, 1, … most.
std::vector<double> autocovariances(std::span<const double> values, std::size_t most) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  std::vector<double> result;
  for (std::size_t lag = 0; lag <= most; ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < values.size(); ++i) sum += (values[i] - mean) * (values[i - lag] - mean);
    result.push_back(sum / n);
  }
  return result;
}

// The flat-top window of Politis and Romano (1995).
double window(double at) { return at <= 0.5 ? 1 : std::max(0.0, 2 * (1 - at)); }

// How far the autocorrelation reaches: the first lag after which so many in a row are too small to count.
std::size_t reach(const std::vector<double>& covariances, std::size_t count) {
  const auto n = static_cast<double>(count);
  const double bound = 2 * std::sqrt(std::log10(n) / n) * covariances[0];
  const auto in_a_row = std::max<std::size_t>(5, static_cast<std::size_t>(std::ceil(std::sqrt(std::log10(n)))));
  std::size_t last = 0;
  for (std::size_t lag = 1; lag < covariances.size() && lag - last <= in_a_row; ++lag) {
    if (std::abs(covariances[lag]) >= bound) last = lag;
  }
  return last;
}

}  // namespace

std::size_t block_length(std::span<const double> values) {
  const std::size_t count = values.size();
  if (count < 8) return 1;
  const auto n = static_cast<double>(count);
  const double least = std::cbrt(n);
  const std::size_t most = count / 4;
  const auto covariances = autocovariances(values, std::min(count - 1, static_cast<std::size_t>(std::sqrt(n)) + 10));
  double length = least;
  if (covariances[0] > 0) {
    const std::size_t bandwidth = std::min(2 * reach(covariances, count), covariances.size() - 1);
    double spectrum = covariances[0];
    double slope = 0;
    for (std::size_t lag = 1; lag <= bandwidth; ++lag) {
      const double weighted = 2 * window(static_cast<double>(lag) / static_cast<double>(bandwidth)) * covariances[lag];
      spectrum += weighted;
      slope += static_cast<double>(lag) * weighted;
    }
    const double variance = 4.0 / 3.0 * spectrum * spectrum;
    if (variance > 0) length = std::max(length, std::cbrt(2 * slope * slope / variance) * std::cbrt(n));
  }
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1, std::max<std::size_t>(1, most));
}

double variance_lost(std::span<const double> values, std::size_t length) {
  const std::size_t count = values.size();
  if (count < 8) return 1;
  const auto covariances = autocovariances(values, 1);
  if (covariances[0] <= 0) return 1;
  const double measured = covariances[1] / covariances[0];
  const double alike = std::clamp(measured + (1 + 3 * measured) / static_cast<double>(count), 0.0, 0.9);
  double seen = 1;
  double power = 1;
  for (std::size_t lag = 1; lag < length; ++lag) {
    power *= alike;
    seen += 2 * (1 - static_cast<double>(lag) / static_cast<double>(length)) * power;
  }
  return std::max(1.0, (1 + alike) / (1 - alike) / seen);
}

std::vector<std::size_t> draw_blocks(std::size_t count, std::size_t length, base::Random& random) {
  assert(length >= 1 && length <= count);
  std::vector<std::size_t> drawn;
  drawn.reserve(count);
  while (drawn.size() < count) {
    const std::size_t from = random.below(count - length + 1);
    for (std::size_t i = 0; i < length && drawn.size() < count; ++i) drawn.push_back(from + i);
  }
  return drawn;
}

}  // namespace stats
