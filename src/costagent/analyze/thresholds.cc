#include "costagent/analyze/thresholds.h"

#include <algorithm>
#include <cmath>

namespace costagent {
namespace {

// How many anomalies of a kind a clean year of one slice shows at a deviation of x or more: exp(log_rate - decay (x -
// from)), from `from` on, where the kind begins to be rare.
struct Tail {
  double from;
  double log_rate;
  double decay;
  // Of the false incidents that are allowed: more than all of them together, as what is seen in a slice and in its sums
  // is one incident.
  double share;

  double rate(double deviations) const { return std::exp(log_rate - decay * std::max(0.0, deviations - from)); }
  double threshold(double wanted) const {
    return from + (log_rate - std::min(log_rate, std::log(share * wanted))) / decay;
  }
};

constexpr Tail kDays{3, 0.43, 3.6, 0.45};
constexpr Tail kSteps{1.5, -0.91, 4.15, 0.4};
constexpr Tail kDrifts{3.0, -0.9, 2.5, 0.25};

// A tail that looks lighter than it is lets more false days through than one that looks heavier holds back, so the
// estimate's heavier side is taken. By benchmarks/analysis/planted with Student's t of four degrees of freedom: 2.1
// false incidents in place of 2.8, for 2 of 100 plants.
constexpr double kHeavierSide = 1.2;
constexpr double kHeaviest = 0.45;

const Tail& tail_of(AnomalyKind kind) {
  switch (kind) {
    case AnomalyKind::level_shift:
    case AnomalyKind::vanished_service:
      return kSteps;
    case AnomalyKind::drift:
      return kDrifts;
    case AnomalyKind::spike:
    case AnomalyKind::dip:
    case AnomalyKind::missing_data:
    case AnomalyKind::new_service:
      break;
  }
  return kDays;
}

double count_of(std::size_t slices) { return static_cast<double>(std::max<std::size_t>(1, slices)); }

}  // namespace

Thresholds thresholds_of(Sensitivity sensitivity, std::size_t slices) {
  const double budget = false_incidents_a_year(sensitivity) / count_of(slices);
  const double new_share = sensitivity == Sensitivity::low ? 0.05 : sensitivity == Sensitivity::medium ? 0.01 : 0.002;
  return {kDays.threshold(budget), kSteps.threshold(budget), kDrifts.threshold(budget), new_share, slices};
}

double as_normal(double deviations, const Noise& noise) {
  constexpr double kDaysOfYear = 365;
  const double size = std::abs(deviations);
  if (noise.heaviness <= 0 || size <= kDays.from) return deviations;
  const Noise heavier{noise.inertia, std::min(kHeaviest, kHeavierSide * noise.heaviness)};
  const double rate = kDays.rate(size) + kDaysOfYear * chance_of_day(size, heavier);
  const double normal = kDays.from + std::max(0.0, kDays.log_rate - std::log(rate)) / kDays.decay;
  return std::copysign(std::min(size, normal), deviations);
}

double score_of(AnomalyKind kind, double deviations, std::size_t slices) {
  const Tail& tail = tail_of(kind);
  return std::exp(-tail.rate(deviations) * count_of(slices) / tail.share);
}

}  // namespace costagent
