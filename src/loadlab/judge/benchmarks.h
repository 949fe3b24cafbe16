// What a benchmark's thresholds come to. Pure, safe from any thread.
#pragma once

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Fills `thresholds` and `verdict` of a benchmark that was run, or could not be. Nothing of a load generator bends its
// figures, so that it is always trusted.
void judge_benchmark(const Test& plan, TestResult& test);

}  // namespace loadlab
