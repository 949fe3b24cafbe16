// A made-up run for this folder's tests: every figure is fixed, and nothing is left out.
#pragma once

#include "loadlab/result/result.h"

namespace loadlab {

// A test that passes, one that breaks a threshold with errors and gaps, and one that could not be carried out.
RunResult sample_run();

}  // namespace loadlab
