// A test of one program's parts: a Google Benchmark binary that is run instead of a load.
#pragma once

#include <string>
#include <vector>

#include "loadlab/plan/comparison.h"
#include "loadlab/plan/surroundings.h"
#include "loadlab/plan/threshold.h"

namespace loadlab {

enum class Spread { median, minimum, maximum, average, variation };

// `median(cpu_time of BM_parse) < 3us`: a bound on one figure of one benchmark, over its repetitions.
struct BenchmarkThreshold {
  std::string expression;  // as written
  Spread spread = Spread::median;
  std::string figure;     // cpu_time, real_time, items_per_second, bytes_per_second, or a counter's own name
  std::string benchmark;  // its whole name, with arguments: "BM_parse/8"
  Comparison comparison = Comparison::less;
  double bound = 0;  // in `unit`
  std::string unit;  // "ms" of times, "%" of the coefficient of variation, "/s" of rates, else ""
  Severity severity = Severity::fail;
  std::string reason;  // of a warning: why the bar is missed; may be empty
};

struct Benchmark {
  Command command;     // runs the binary; options are put behind it
  std::string filter;  // a regular expression of names; empty: all
  int repetitions = 5;
  std::vector<BenchmarkThreshold> thresholds;
};

}  // namespace loadlab
