// What exclusions and planned events do to the series of a bill before it is analysed.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "costagent/analyze/feedback.h"
#include "costagent/service/analysis.h"
#include "costagent/service/analysis_levels.h"

namespace costagent {

// Exclusions and events that one analysis goes by, the newest: each is a reading of its slice's days.
inline constexpr std::size_t kMostEffects = 50;

struct FeedbackEffects {
  std::vector<PlannedCost> planned;
  // The series that were changed, by level and place, as they were.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> before;
};

// Puts what is usual in the place of what was excluded or planned, in its slice and in all parts of it, and takes the
// difference from every whole that holds it; of an event of which is known by how much it changes the cost, that is
// taken back instead. What is excluded on all days is passed over. Slices that share some charges with it only (a
// tag's, of a region) stay as they are. Fails as the store does.
base::Result<FeedbackEffects> apply(FactStore& facts, const SeriesScope& scope, std::span<const Feedback> feedback,
                                    std::vector<LevelSeries>& levels);

}  // namespace costagent
