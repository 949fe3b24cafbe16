// A test that is played over and over, with other values of some of its variables each time.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadlab/plan/plan.h"

namespace loadlab {

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> values;  // of each variable
  Test test;                                                // read with them

  // "workers=4, pool=8".
  std::string name() const;
};

// `rate(requests) at workers=4`: a metric as thresholds have it, at one of the points.
struct MetricAt {
  Threshold metric;  // its bound and comparison say nothing
  std::size_t point = 0;
};

// `rate(requests) at workers=4 > 1.8 * rate(requests) at workers=1`, of medians over the repeats.
struct SweepThreshold {
  std::string expression;
  MetricAt left;
  Comparison comparison = Comparison::less;
  std::optional<MetricAt> right;  // none: `bound` is the whole right side
  double bound = 0;               // with a metric, the factor before it
  std::string unit;               // of the left side
  Severity severity = Severity::fail;
  std::string reason;  // of a warning; may be empty
};

struct Sweep {
  std::vector<SweepPoint> points;
  int repeat = 1;
  std::vector<SweepThreshold> compare;
};

}  // namespace loadlab
