// From when to when a change of level lasts: until it has returned to what was before, or is overtaken by another one.
//
// Pure and thread-safe.
#pragma once

#include <vector>

#include "costagent/analyze/level_changes.h"

namespace costagent {

// What lasts for longer is what is usual.
inline constexpr int kLongestReport = 30;

struct MoveSpan {
  LevelMove move;
  // Days of the series, [begin, end): kLongestReport at most.
  int begin = 0;
  int end = 0;
  bool returned = false;  // whether the level is back
};

// The moves of a series, in the order of their days, but for those that are the way back of an earlier one within two
// months: what was too much is over, and no saving.
std::vector<MoveSpan> spans_of(const Baseline& baseline, const std::vector<LevelMove>& moves);

}  // namespace costagent
