// Where the level of a series changes: of a service's history of runs, of a slice's daily cost.
//
// E-divisive (Matteson and James 2014) with Student's t-test for significance and a merge of weak points, as Hunter
// does (Fleming et al. 2023) and Apache Otava 0.8, its successor, whose rules are kept to the last: the same windows,
// variances that are divided by n, the same neighbours judged anew when a weak point goes, and sums in the same order.
// A gap is passed over, where Otava repeats the value before it. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace stats {

struct ChangePointOptions {
  // Values looked at together, at least 2; windows overlap by half. A window of w values costs O(w²) time and O(w)
  // memory for each level found in it, so that the bound on it is one on time.
  std::size_t window = 50;
  double max_pvalue = 0.001;  // a point of which chance makes more is none; 0 … 1
  double min_magnitude = 0;   // the least relative change, in the direction in which it is larger: 0.05 is 5 %
  // How many values a level must have, on both sides of a point. Otava has no such rule: with 1 a single wild value at
  // an end is a level of its own.
  std::size_t min_length = 1;
};

// For a history of runs whose noise has outliers: of 1,000 simulated ones of 80 runs (3 % of noise, one run in 33 up to
// 30 % slower) 20 had a point that was none, and a shift of 10 % was found within two runs in 961.
inline constexpr ChangePointOptions kForHistories{50, 0.0001, 0, 3};

inline constexpr std::size_t kMostChangePointWindow = 10'000;

struct ChangePoint {
  std::size_t index = 0;   // of the first value of the new level, from 0
  double mean_before = 0;  // of the values since the change point before, or the beginning
  double mean_after = 0;   // of those until the next one, or the end
  double pvalue = 1;

  // The change relative to one side's mean, whichever is larger; a mean of 0 has none.
  double magnitude() const;
};

// In ascending order. What is not finite is a gap: it is passed over and keeps its index. A series of fewer than 3
// finite values has no change points.
std::vector<ChangePoint> change_points(std::span<const double> values, const ChangePointOptions& options = {});

}  // namespace stats
