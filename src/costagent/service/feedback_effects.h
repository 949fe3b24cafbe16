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

// Exclusions and events that one analysis goes by, the newest: each is a reading of its slice's days at all levels.
inline constexpr std::size_t kMostEffects = 50;

// An exclusion with the days of the analysis that it leaves out.
struct LeftOut {
  std::string feedback;  // its id
  Period days;
  bool everything = false;  // and not just a part of what is analysed
};

struct FeedbackEffects {
  std::vector<PlannedCost> planned;
  std::vector<LeftOut> left_out;  // those that have charges here
  // The series that were changed, by level and place, as they were.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> before;
};

// Takes out of every series what is excluded or planned of the charges that it has in common with the effect's slice,
// which are read for it. Their excess on a day is their cost less what is usual for just them (`usual_days`); where
// they usually have none, it is all they cost.
// - A series all of whose charges are of the slice has what is usual in the place of the effect's days, which teach
//   nothing. Any other has the excess taken out and keeps what else happened to it.
// - An exclusion of all days takes out all of the cost; a series that has nothing else is passed over.
// - Of an event by whose percentage the cost was to rise (fall), only excess upwards (downwards) is taken out, and no
//   more than was planned of the slice as a whole: let own be the slice's own excess on the day and allowed its usual
//   cost × percentage; of every series' excess the share min(1, allowed / own) goes. So what was planned may happen in
//   one place alone, what did not happen invents nothing, and what exceeds the plan is told. Where nothing is usual a
//   percentage says nothing, and all goes.
// - What several effects share on a day is taken out once: together they take no more than leaves the usual, and no
//   less than the largest does. Slices that are excluded on all days and share charges without one holding the other
//   (a service, a region) both take them; who excludes such names their parts.
// - Days that an effect of the same slice, or of one that holds it, takes out aren't asked for what is usual.
// Fails as the store does. Readings have no more series than the levels do, so that `too_large` says that a bill came
// in meanwhile; then only the totals are changed.
base::Result<FeedbackEffects> apply(FactStore& facts, const SeriesScope& scope, std::span<const Feedback> feedback,
                                    std::vector<LevelSeries>& levels);

}  // namespace costagent
