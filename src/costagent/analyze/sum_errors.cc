#include "costagent/analyze/sum_errors.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "stats/robust.h"

namespace costagent {

SumErrors::SumErrors(std::vector<std::vector<double>> errors) : errors_(std::move(errors)) {
  for (auto& of : errors_) std::sort(of.begin(), of.end());
}

void SumErrors::center() {
  for (auto& of : errors_) {
    const double middle = stats::median(of).value_or(0);
    for (double& error : of) error -= middle;
  }
}

Bounds SumErrors::around_sum(std::size_t steps) const {
  assert(steps >= 1 && steps <= errors_.size());
  const auto& errors = errors_[steps - 1];
  const auto at = [&](double q) { return stats::quantile(errors, q).value_or(0); };
  return {std::min(0.0, at(0.1)), std::max(0.0, at(0.9)), std::min(0.0, at(0.025)), std::max(0.0, at(0.975))};
}

double SumErrors::chance_above(std::size_t steps, double excess) const {
  assert(steps >= 1 && steps <= errors_.size());
  const auto& errors = errors_[steps - 1];
  const double least = 0.5 / (static_cast<double>(errors.size()) + 1);
  const auto above = std::upper_bound(errors.begin(), errors.end(), excess);
  if (above == errors.begin()) return 1 - least;
  if (above == errors.end()) return least;
  const double below = *(above - 1);
  const double place = static_cast<double>(above - errors.begin() - 1) + (excess - below) / (*above - below);
  return std::clamp(1 - place / static_cast<double>(errors.size() - 1), least, 1 - least);
}

}  // namespace costagent
