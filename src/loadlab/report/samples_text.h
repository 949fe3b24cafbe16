// The tables of benchmarks and of sweeps, for a terminal. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Empty for a load.
std::string samples_text(const TestResult& test, std::size_t width);

// `contention 4 %, coherency 0.01 %, highest at 36`: what the fitted law says of a sweep.
std::string scaling_sentence(const ScalingFit& fit);

// The figures of a sweep's points that tables show, with their headings.
struct SweepColumn {
  const char* figure;
  const char* heading;
};
inline constexpr SweepColumn kSweepColumns[] = {
    {"requests_per_second", "rate"}, {"p50_response_time_ms", "p50"},  {"p95_response_time_ms", "p95"},
    {"p99_response_time_ms", "p99"}, {"error_rate_percent", "errors"}, {"avg_cpu_percent", "CPU"},
    {"peak_memory_mb", "memory"},
};

// The counters of a benchmark besides its times, as sentences: "items_per_second 5,000,000/s".
std::string counters_of(const BenchmarkResult& benchmark);

}  // namespace loadlab
