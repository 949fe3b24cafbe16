// Reads a test that runs a Google Benchmark binary, and its thresholds.
#pragma once

#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "loadlab/plan/benchmark.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/constants.h"
#include "loadlab/plan/threshold_parser.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// What stands under `benchmark`, and the test's own `thresholds`, which may be null.
Benchmark read_benchmark(const YamlEntry& entry, const YamlEntry* thresholds, const Constants& constants,
                         Complaints& complaints);

// Grammar, with spaces anywhere between its words:
//
//   expression = SPREAD ( [counter] FIGURE of BENCHMARK ) comparison NUMBER UNIT
//   SPREAD     = median | min | max | avg | cv
//
// cv is the coefficient of variation: the standard deviation over the repetitions, as a share of their mean. The unit
// of cpu_time and real_time is one of time (ns, us, ms, s), of cv it is %, of items_per_second and bytes_per_second it
// is /s or none, and of other counters there is none.
tl::expected<BenchmarkThreshold, ThresholdFault> read_benchmark_threshold(std::string_view expression);

}  // namespace loadlab
