#include "stats/scalability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace stats {
namespace {

constexpr std::size_t kTerms = 3;
using Terms = std::array<double, kTerms>;

Terms terms_of(double size) { return {1, size - 1, size * (size - 1)}; }

// Least squares of y over the terms that are wanted, by the normal equations, which are small and well scaled here: the
// sizes of a sweep are few and no powers of ten apart. The others are 0.
std::optional<Terms> solve(std::span<const ScalingPoint> points, const std::array<bool, kTerms>& wanted) {
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < kTerms; ++i) {
    if (wanted[i]) used.push_back(i);
  }
  const std::size_t n = used.size();
  std::vector<std::vector<double>> rows(n, std::vector<double>(n + 1, 0));
  for (const ScalingPoint& point : points) {
    const Terms terms = terms_of(point.size);
    // Of equal weight is an equal share of error.
    const double y = point.size / point.rate;
    const double weight = 1 / (y * y);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) rows[i][j] += weight * terms[used[i]] * terms[used[j]];
      rows[i][n] += weight * terms[used[i]] * y;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const auto largest =
        std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(i), rows.end(),
                         [i](const auto& a, const auto& b) { return std::abs(a[i]) < std::abs(b[i]); });
    std::swap(rows[i], *largest);
    if (!(std::abs(rows[i][i]) > 1e-12)) return std::nullopt;
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double factor = rows[j][i] / rows[i][i];
      for (std::size_t k = i; k <= n; ++k) rows[j][k] -= factor * rows[i][k];
    }
  }
  Terms solution{};
  for (std::size_t i = 0; i < n; ++i) solution[used[i]] = rows[i][n] / rows[i][i];
  return solution;
}

}  // namespace

double ScalabilityLaw::rate_at(double size) const {
  return rate_of_one * size / (1 + sigma * (size - 1) + kappa * size * (size - 1));
}

std::optional<double> ScalabilityLaw::best_at() const {
  if (!(kappa > 0) || sigma >= 1) return std::nullopt;
  return std::sqrt((1 - sigma) / kappa);
}

std::optional<ScalabilityLaw> fit_scalability(std::span<const ScalingPoint> points) {
  std::set<double> sizes;
  for (const ScalingPoint& point : points) {
    if (!(point.size > 0) || !(point.rate > 0)) return std::nullopt;
    sizes.insert(point.size);
  }
  if (sizes.size() < kTerms) return std::nullopt;
  std::array<bool, kTerms> wanted = {true, true, true};
  std::optional<Terms> solution = solve(points, wanted);
  // What would be below 0 is taken out, the later one first: it is the finer correction.
  for (std::size_t term = kTerms - 1; term > 0 && solution; --term) {
    if ((*solution)[term] >= 0) continue;
    wanted[term] = false;
    solution = solve(points, wanted);
  }
  if (!solution || !((*solution)[0] > 0)) return std::nullopt;
  ScalabilityLaw law;
  law.rate_of_one = 1 / (*solution)[0];
  law.sigma = std::max(0.0, (*solution)[1] * law.rate_of_one);
  law.kappa = std::max(0.0, (*solution)[2] * law.rate_of_one);
  for (const ScalingPoint& point : points)
    law.worst_error = std::max(law.worst_error, std::abs(law.rate_at(point.size) - point.rate) / point.rate);
  return law;
}

}  // namespace stats
