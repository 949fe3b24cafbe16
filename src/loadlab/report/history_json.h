// What the page of `loadlab serve` asks for. Pure; assets/runs.js reads it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "loadlab/history/history.h"

namespace loadlab {

// A run with its tests, their figures and seconds.
std::string run_json(const RunRecord& run);

// [{"test": its place, "blocks": [...]}]: the blocks of each test from the place that is given for it.
std::string new_blocks_json(const RunRecord& run, std::span<const std::size_t> from);

struct FigureTrend {
  std::string test;
  std::string name;
  std::vector<History::Point> points;
};
// {"tests": [{"name", "figures": [{"name", "points": [{"run", "started", "commit", "verdict", "value"}],
// "changes"}]}]}: the changes are the places of the points at which a new level begins (stats::kForHistories). Figures
// of a test stand together.
std::string trends_json(std::span<const FigureTrend> trends);

}  // namespace loadlab
