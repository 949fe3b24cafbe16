// What the page of `loadlab serve` asks for. Pure; assets/runs.js reads it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/history/history.h"

namespace loadlab {

// A run with its tests, their figures and seconds; and with its `reasons` (run_reasons.h) where it has a summary.
std::string run_json(const RunRecord& run, std::string_view summary = {});

// The blocks that have come of a test.
struct NewBlocks {
  std::size_t test = 0;  // its place within the run
  std::vector<Block> blocks;
};
// [{"test", "blocks": [...]}]
std::string new_blocks_json(std::span<const NewBlocks> tests);

struct TrendPoint {
  std::int64_t run = 0;
  base::UtcTime started;
  std::string commit;
  Verdict verdict = Verdict::pass;  // the run's
  double value = 0;
};

struct FigureTrend {
  std::string test;
  std::string name;
  std::vector<TrendPoint> points;
};

// What was measured on one machine.
struct SuiteTrends {
  std::string machine;                // fingerprint; empty: there is nothing yet
  std::vector<std::string> machines;  // all that the suite was played on, the last one first
  std::vector<FigureTrend> figures;   // those of a test stand together
};
// {"machine", "machines", "tests": [{"name", "figures": [{"name", "points": [{"run", "started", "commit", "verdict",
// "value"}], "changes"}]}]}: the changes are the places of the points at which a new level begins
// (stats::kForHistories).
std::string trends_json(const SuiteTrends& trends);

}  // namespace loadlab
