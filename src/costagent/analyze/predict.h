// The next values of any regular series, and how sure they are.
//
// Days that are silent by the calendar stay so (silences.h); cycles and monthly charges are taken out (cycles.h),
// simple models of the rest are combined by how they did from many days of the past at as many steps ahead
// (level_models.h; rolling origins: Tashman 2000), and the bounds are the errors that the combination itself made there
// (conformal: Vovk, Gammerman and Shafer 2005), widened by what few of them leave unsaid. Pure and thread-safe.
// Multiplying all values by a positive constant multiplies everything by it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "costagent/analyze/sum_errors.h"
#include "costagent/analyze/timeline.h"

namespace costagent {

struct PredictedValue {
  double value = 0;
  Bounds bounds;
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
