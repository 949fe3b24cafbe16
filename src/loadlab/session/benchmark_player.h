// Runs a Google Benchmark binary as a test.
#pragma once

#include "loadlab/session/test_player.h"

namespace loadlab {

TestResult play_benchmark(const Test& test, const Playing& playing);

}  // namespace loadlab
