// Reads what a Google Benchmark binary writes with --benchmark_out_format=json.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadlab/result/samples.h"

namespace loadlab {

// Each benchmark once, in the file's order, with a value of each of its repetitions: cpu_time and real_time in
// milliseconds, and all its counters. The aggregates that the file may hold besides are passed over, unless one says
// that it failed. A repetition that was skipped has no value, as its times are zeros that nobody measured; one that ran
// no iteration, or took a time below zero, has failed. Fails (corrupt) where the text is no such file.
base::Result<std::vector<BenchmarkResult>> read_benchmark_json(std::string_view text);

}  // namespace loadlab
