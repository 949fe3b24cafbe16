// Where a segment of a series is best split in two: at the greatest energy distance between what lies before and after.
//
//   q(τ, κ) = 2/(m+n) Σ|x−y| − 2m/((m+n)(n−1)) Σ|x−x'| − 2n/((m+n)(m−1)) Σ|y−y'|
//
// between the n values before τ and the m in [τ, κ), for any κ behind τ (Matteson and James 2014). Of equal distances
// the first τ counts.
//
// Which of two distances is greater by a last bit decides where series of integers, or of rounded values, are split.
// There, and only there, sums are taken in the order in which Apache Otava 0.8 takes them, which costs twice the time.
//
// Not thread-safe: it keeps its tables from call to call. O(w²) time and O(w) memory for a segment of w values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stats {

struct EnergySplit {
  std::size_t index = 0;  // τ, from the segment's beginning
  double distance = 0;
  bool exact = false;  // by Otava's sums
};

// Whether rounding alone may have put one before the other.
bool are_near(double distance, double other);

class EnergyDivider {
 public:
  // Of [begin, end) of a window; nothing of fewer than two values, or where no distance is a number.
  std::optional<EnergySplit> divide(std::span<const double> window, std::size_t begin, std::size_t end);

  // The same by Otava's sums, which depend on what lies before the segment in its window.
  std::optional<EnergySplit> divide_exactly(std::span<const double> window, std::size_t begin, std::size_t end);

 private:
  double best_end(std::span<const double> segment, std::size_t split);

  std::vector<double> from_start_;  // W(0, κ), where W(a, b) are the distances of all pairs of [a, b)
  std::vector<double> from_split_;  // W(τ, κ)
  std::vector<double> inverse_{0};  // 1 / k, as dividing takes longer than the rest; of 0 it is never asked but for 0
  std::vector<double> best_;        // by τ, over all κ
  std::vector<double> reach_;       // Σ|x_τ − x_j|, τ < j < κ
};

}  // namespace stats
