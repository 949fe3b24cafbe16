// The part of a test in which nothing was asked of the target that was not asked before.
#pragma once

#include <string>

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// A service that has just come under a load fills its pools and caches: the first fifth of a steady stretch, a minute
// at most, says nothing of what it keeps. Where the plan has a warm-up, that is left out instead.
inline constexpr double kSettlingShare = 0.2;
inline constexpr double kLongestSettling = 60;

// Seconds since the test's start; empty if `to` is not above `from`.
struct SteadyPart {
  double from = 0;
  double to = 0;

  double seconds() const { return to > from ? to - from : 0; }
};

// The longest stretch in which every load of the plan stays at one level and none begins or ends, after the warm-up, as
// far as the test came, without the time to settle. Pure.
SteadyPart steady_part(const Test& plan, const TestResult& test);

}  // namespace loadlab
