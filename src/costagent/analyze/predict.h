// The next values of any regular series, and how sure they are.
//
// Cycles and monthly charges are taken out (cycles.h), simple models of the rest are combined by how they did from many
// days of the past at as many steps ahead (level_models.h; rolling origins: Tashman 2000), and the bounds are the
// errors that the combination itself made there (conformal: Vovk, Gammerman and Shafer 2005), widened by what few of
// them leave unsaid. Pure and thread-safe. Multiplying all values by a positive constant multiplies everything by it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "costagent/analyze/timeline.h"

namespace costagent {

// Between low and high lies the truth in so many of a hundred cases.
struct Bounds {
  double low_80 = 0;
  double high_80 = 0;
  double low_95 = 0;
  double high_95 = 0;
};

struct PredictedValue {
  double value = 0;
  Bounds bounds;
};

// How far sums of the first k predicted values were off in the past.
class SumErrors {
 public:
  // Shape: `errors[k]` of the sums of k + 1 values, truth less prediction, ascending and widened, in the series' unit.
  SumErrors() = default;
  explicit SumErrors(std::vector<std::vector<double>> errors) : errors_(std::move(errors)) {}

  std::size_t steps() const { return errors_.size(); }
  // What is added to the sum of the first `steps` values, 1 to steps(), for its bounds.
  Bounds around_sum(std::size_t steps) const;
  // The chance that the sum of the first `steps` values is more than predicted by more than `excess`; never wholly 0 or
  // 1, as the past can't exclude anything.
  double chance_above(std::size_t steps, double excess) const;

 private:
  std::vector<std::vector<double>> errors_;
};

struct Predicted {
  std::vector<PredictedValue> values;
  SumErrors sums;   // where no more than kMostSummedSteps were asked for; of up to half as many as there are values
  int origins = 0;  // past forecasts behind the bounds
};

inline constexpr std::size_t kMostSummedSteps = 40;
// Further ahead, nobody's guess is better than another's; and the time for it is bounded.
inline constexpr std::size_t kMostSteps = 10'000;

// The `steps` (1 to kMostSteps) values after the last finite one of `values`. What is not finite, or larger than any
// bill (10^18), is a gap. None if all are gaps. Of few values the bounds are wide; of values that are all the same
// there is nothing but that value.
std::optional<Predicted> predict(const Timeline& timeline, std::span<const double> values, std::size_t steps);

}  // namespace costagent
