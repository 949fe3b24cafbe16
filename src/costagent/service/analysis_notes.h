// Why an analysis says nothing where a reader would expect something, in sentences.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/service/analysis.h"
#include "costagent/service/analysis_levels.h"
#include "costagent/service/feedback_effects.h"

namespace costagent {

// What an analysis rests on.
struct NotesSources {
  const SeriesScope& scope;
  std::span<const Feedback> feedback;
  const FeedbackEffects& effects;
  const std::vector<LevelSeries>& levels;
  std::size_t seldom = 0;  // series that are not looked at as they cost too seldom (`is_charged_seldom`)
};

// For the report as it is answered, at most some ten: a bill too short for what is asked, a filter or a period without
// charges, what feedback leaves out, events that forecasts don't know of, slices that cost too seldom, one budget for
// several currencies. Asks the store only where a filter matches nothing, and fails as that does.
base::Result<std::vector<std::string>> notes_of(FactStore& facts, const AnalysisRequest& request,
                                                const AnalysisReport& report, const NotesSources& sources);

}  // namespace costagent
