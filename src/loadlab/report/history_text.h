// Runs and what became of them, and how two compare: for a terminal, and for programs. Pure.
#pragma once

#include <span>
#include <string>

#include "loadlab/history/record.h"
#include "loadlab/judge/comparison.h"

namespace loadlab {

// A line a run, the newest first.
std::string runs_text(std::span<const RunRecord> runs);
// {"runs": [...]}
std::string runs_json(std::span<const RunRecord> runs);

// What became of each of the runs, and a table of all figures, or only of those that changed.
std::string comparison_text(const RunRecord& run, std::span<const RunRecord> earlier, const RunComparison& comparison,
                            bool only_changes);
// Schema loadlab.comparison/1: {"run", "earlier", "runs": [{run, state, started, commit, tests, seconds}], the run
// itself first, "figures": [{test, figure, before, now, difference, low, high, detectable, difference_percent,
// change}], "notes"}. `tests` are those that both sides have, `seconds` how long they took.
std::string comparison_json(const RunRecord& run, std::span<const RunRecord> earlier, const RunComparison& comparison);

// "playing", "killed", or the verdict.
std::string_view state_of(const RunRecord& run);

}  // namespace loadlab
