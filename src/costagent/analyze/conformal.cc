#include "costagent/analyze/conformal.h"

#include <algorithm>
#include <cmath>

#include "stats/robust.h"

namespace costagent {
namespace {

constexpr double kNormal80 = 1.2816;
// What errors without any past count for, in independent past ones.
constexpr double kPriorErrors = 1.5;
// A level may wander although a short past doesn't show it.
constexpr double kPriorWander = 0.04;
constexpr double kWiden80 = 0.8;
constexpr double kWiden95 = 1.7;
// The middle of errors is taken for a bias where it is further off than so much of half their spread ...
constexpr double kMiddleByChance = 0.75;
// ... and a forecast that leans lies so far within its bounds.
constexpr double kInside = 0.05;
// Changes grow in proportion, give or take: the deviation of the power from 1 that is expected of any series.
constexpr double kPowerDeviation = 0.5;
// The deviation of the logarithm of a normal one's absolute value.
constexpr double kLogDeviation = 1.11;

double persistence_of(const std::vector<std::vector<double>>& errors) {
  // How alike are errors some steps apart from the same origin: of the first third and the last of what there is.
  const std::size_t far = errors.size() - 1;
  const std::size_t near = errors.size() / 2;
  const std::size_t count = std::min(errors[near].size(), errors[far].size());
  if (near == far || count < 8) return 0.5;
  double cross = 0;
  double first = 0;
  double second = 0;
  for (std::size_t o = 0; o < count; ++o) {
    const double a = errors[near][o];
    const double b = errors[far][o];
    cross += a * b;
    first += a * a;
    second += b * b;
  }
  return first > 0 && second > 0 ? std::clamp(cross / std::sqrt(first * second), 0.0, 1.0) : 0;
}

}  // namespace

void ConformalErrors::settle(const ErrorPrior& prior) {
  set_sizes(prior);
  set_shape(prior);
}

void ConformalErrors::set_sizes(const ErrorPrior& prior) {
  const double persistence = persistence_of(errors_);
  // With a handful of values not even their scatter is known.
  const double unknown = prior.values < 5 ? 0.3 / prior.values : 0;
  const double base = kNormal80 * std::hypot(prior.scatter, unknown);
  sizes_.resize(knots_.size());
  widening_80_.resize(knots_.size());
  widening_95_.resize(knots_.size());
  std::vector<double> absolute;
  for (std::size_t k = 0; k < knots_.size(); ++k) {
    const auto ahead = static_cast<double>(knots_[k]);
    absolute.clear();
    for (const double error : errors_[k]) absolute.push_back(std::abs(error));
    const double span = static_cast<double>(absolute.size());
    const double independent = span / (1 + (ahead - 1) * persistence);
    const double expected = base * std::sqrt(1 + kPriorWander * ahead);
    const double seen = stats::quantile(absolute, 0.8).value_or(expected);
    const double share = kPriorErrors / (kPriorErrors + independent);
    sizes_[k] = prior.optimism * (seen + share * std::max(0.0, expected - seen));
    const double rest = independent + kPriorErrors;
    widening_80_[k] = 1 + kWiden80 / rest;
    widening_95_[k] = 1 + kWiden95 / rest;
  }
  if (prior.intermittent) {
    // What comes by chance comes at any distance alike.
    const double all = *std::max_element(sizes_.begin(), sizes_.end());
    std::fill(sizes_.begin(), sizes_.end(), all);
    return;
  }
  // The nearest sequence that never falls (pooling of violators: Ayer et al. 1955), each size with its neighbours.
  std::vector<std::pair<double, double>> pools;
  for (const double size : sizes_) {
    pools.emplace_back(size, 1);
    while (pools.size() > 1 && pools[pools.size() - 2].first > pools.back().first) {
      const auto [value, count] = pools.back();
      pools.pop_back();
      auto& [into, into_count] = pools.back();
      into = (into * into_count + value * count) / (into_count + count);
      into_count += count;
    }
  }
  std::size_t k = 0;
  for (const auto& [value, count] : pools) {
    for (double i = 0; i < count; ++i) sizes_[k++] = value;
  }
}

void ConformalErrors::set_shape(const ErrorPrior& prior) {
  std::vector<double> all;
  for (std::size_t k = 0; k < knots_.size(); ++k) {
    if (sizes_[k] <= 0) continue;
    for (const double error : errors_[k]) all.push_back(error / sizes_[k]);
  }
  if (all.size() < 60) return;
  const auto at = [&](double q) { return *stats::quantile(all, q); };
  const double low = at(0.1);
  const double high = at(0.9);
  // Neighbours err alike, so that the middle of all errors may be far off by chance; when it is further than that, it
  // is a bias.
  const double middle = at(0.5);
  const double chance = kMiddleByChance * (high - low) / 2;
  double lean = std::copysign(std::max(0.0, std::abs(middle) - chance), middle);
  // Of what comes by chance the mean is forecast, which is no middle.
  if (prior.intermittent) lean = 0;
  if (lean != 0) lean = std::clamp(lean, low + kInside * (high - low), high - kInside * (high - low));
  // What is left of it puts no bound on the other side of the forecast.
  shape_ = {lean, std::min(0.0, low - lean), std::max(0.0, high - lean), std::min(0.0, at(0.025) - lean),
            std::max(0.0, at(0.975) - lean)};
}

std::size_t ConformalErrors::knot_of(std::size_t ahead) const {
  const auto right = std::lower_bound(knots_.begin(), knots_.end(), ahead);
  return right == knots_.end() ? knots_.size() - 1 : static_cast<std::size_t>(right - knots_.begin());
}

double ConformalErrors::size_at(std::size_t ahead) const {
  const std::size_t k = knot_of(ahead);
  if (k == 0 || knots_[k] <= ahead) return sizes_[k];
  const double share = static_cast<double>(ahead - knots_[k - 1]) / static_cast<double>(knots_[k] - knots_[k - 1]);
  return std::lerp(sizes_[k - 1], sizes_[k], share);
}

Bounds ConformalErrors::around(std::size_t ahead) const {
  const std::size_t k = knot_of(ahead);
  const double size = size_at(ahead);
  const double inner = size * widening_80_[k];
  const double outer = size * widening_95_[k];
  return {shape_.low_80 * inner, shape_.high_80 * inner, std::min(shape_.low_95 * outer, shape_.low_80 * inner),
          std::max(shape_.high_95 * outer, shape_.high_80 * inner)};
}

double power_of_level(std::span<const double> changes, std::span<const double> levels) {
  std::vector<double> sizes;
  for (const double change : changes) {
    if (std::isfinite(change)) sizes.push_back(std::abs(change));
  }
  const double usual = stats::median(sizes).value_or(0);
  if (usual <= 0) return 1;
  double n = 0;
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!std::isfinite(changes[i]) || levels[i] <= 0) continue;
    const double level = std::log(levels[i]);
    // A change of nothing has no logarithm, and says as little of the size of changes as a small one.
    const double size = std::log(std::max(std::abs(changes[i]), 0.05 * usual));
    n += 1;
    x += level;
    y += size;
    xx += level * level;
    xy += level * size;
  }
  if (n < 3) return 1;
  const double spread = xx - x * x / n;
  // Shrunk towards 1 by as much as it is unsure (a posterior mean; Gelman et al. 2013, ch. 2.5).
  const double unsure = kLogDeviation * kLogDeviation / (kPowerDeviation * kPowerDeviation);
  if (!(spread > 0)) return 1;
  return std::clamp((xy - x * y / n + unsure) / (spread + unsure), 0.0, 1.0);
}

double widening_of_sums(std::size_t origins, std::size_t steps) {
  const double independent = static_cast<double>(origins) / static_cast<double>(std::max<std::size_t>(steps, 1));
  return 1 + kWiden95 / (independent + kPriorErrors);
}

}  // namespace costagent
