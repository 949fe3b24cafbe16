// Where the level of a daily cost steps to another one, or begins to climb or to fall day by day.
//
// Pure and thread-safe. Both are found by filters that are matched to them, and told apart by which of the two, at its
// best day and size, leaves the days around it the smaller sum of absolute distances.
#pragma once

#include <vector>

#include "costagent/analyze/baseline.h"

namespace costagent {

struct LevelMove {
  int at = 0;           // the first day of the new level, or of the drift
  bool drifts = false;  // whether it goes on for days
  double strength = 0;  // as a multiple of the threshold of the filter that found it; below 0 for a fall
  // The daily cost without weekday and month: of the two weeks before, and of the first week from that day on.
  double before = 0;
  double after = 0;
};

// By day. A step is looked for in all but the first and the last week, a drift from its sixth day on. What grows as it
// usually does, within half a year or with the season, is no move.
std::vector<LevelMove> level_moves(const Baseline& baseline, double step_threshold, double drift_threshold);

}  // namespace costagent
