// From where on something is told as an anomaly, and how often that is wrong. Pure and thread-safe.
//
// Multiple testing: a bill is looked at on every day, in every slice and for every kind of change. What is bounded is
// the number of false incidents of a whole bill and year, whatever the number of its slices: each slice is given the
// same part of it (Bonferroni), and the thresholds are where clean years of made-up bills exceed them that often
// (benchmarks/analysis/planted --tails). Slices and their sums change together, so the bound is on the safe side.
#pragma once

#include <cstddef>

#include "costagent/analyze/noise.h"
#include "costagent/domain/anomaly.h"

namespace costagent {

enum class Sensitivity { low, medium, high };

// How many false incidents a customer is told of in a year, on the average.
constexpr double false_incidents_a_year(Sensitivity sensitivity) {
  return sensitivity == Sensitivity::low ? 0.2 : sensitivity == Sensitivity::medium ? 1 : 4;
}

// All but the last two are in deviations: the slice's own scatter from day to day.
struct Thresholds {
  double day = 0;        // a single day
  double step = 0;       // two weeks before against two weeks after: medians of 14 days scatter less than half as much
  double drift = 0;      // six days against the two weeks before, later days weighing more
  double new_share = 0;  // a new service, as a part of the total's daily cost
  std::size_t slices = 1;
};

// The thresholds with which all of a bill's `slices` together are told so many false incidents, and no more the more
// slices there are.
Thresholds thresholds_of(Sensitivity sensitivity, std::size_t slices);

// How many deviations of normal noise are as rare as these of this noise: as many, or fewer.
double as_normal(double deviations, const Noise& noise);

// The chance that a year in which nothing happened shows nothing as wild as this, in any slice of the bill, by any
// kind: 0 … 1. At the thresholds of `low`, `medium` and `high` it is 0.82, 0.37 and 0.02.
double score_of(AnomalyKind kind, double deviations, std::size_t slices);

}  // namespace costagent
