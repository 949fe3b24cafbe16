// How a target came back after stress: when its answers were quick again, how it failed meanwhile, and whether it gave
// its memory back.
#pragma once

#include <optional>

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Stress is what has at least 80 % of the highest load that is planned, if before and after it at least three seconds
// each have half of that at the most. (Of times from a file it is the users at work that count.) Normal is the median
// p95 of the seconds before; answers are normal again when the p95 of three seconds in a row is at most a quarter above
// that, and a millisecond. None where the load did not rise and fall so, or was not planned to: of a constant rate, how
// many are at work at once varies by itself. Pure; safe from any thread.
std::optional<Recovery> judge_recovery(const Test& plan, const TestResult& test);

}  // namespace loadlab
