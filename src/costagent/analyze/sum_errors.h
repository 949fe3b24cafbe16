// How far sums of forecasts were off, and what follows for a sum that is yet to come. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <vector>

namespace costagent {

// Between low and high lies the truth in so many of a hundred cases.
struct Bounds {
  double low_80 = 0;
  double high_80 = 0;
  double low_95 = 0;
  double high_95 = 0;
};

// How far sums of the first k predicted values were off in the past.
class SumErrors {
 public:
  // Shape: `errors[k]` of the sums of k + 1 values, truth less prediction, widened, in the series' unit; two at least.
  SumErrors() = default;
  explicit SumErrors(std::vector<std::vector<double>> errors);

  // So that what is predicted is the middle of what the sum may be: it is as likely more as less. Not for sums of
  // values that seldom come, whose mean is predicted, which is more than the middle.
  void center();

  std::size_t steps() const { return errors_.size(); }
  // What is added to the sum of the first `steps` values, 1 to steps(), for its bounds.
  Bounds around_sum(std::size_t steps) const;
  // The chance that the sum of the first `steps` values is more than predicted by more than `excess`: the share of past
  // errors above it, linearly between neighbours, so that it agrees with the bounds. What n past errors never did has a
  // chance of 1 / 2(n + 1), as the past can't exclude anything.
  double chance_above(std::size_t steps, double excess) const;

 private:
  std::vector<std::vector<double>> errors_;  // ascending
};

}  // namespace costagent
