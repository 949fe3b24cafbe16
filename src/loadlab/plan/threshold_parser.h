// Reads threshold expressions such as `p95(response_time of recommend) < 3s`.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "loadlab/plan/threshold.h"

namespace loadlab {

// What is wrong with an expression, and at which byte of it.
struct ThresholdFault {
  std::size_t offset = 0;
  std::string message;
};

struct ParsedThreshold {
  Threshold threshold;
  std::size_t step_offset = 0;  // of the step's name, where there is one
};

// Grammar, with spaces anywhere between its words:
//
//   expression = metric comparison bound
//   metric     = NAME [of STEP] | AGGREGATE ( NAME [of STEP] ) | AGGREGATE ( PROBE : NAME ), STEP being the name of a
//                step or a group
//   comparison = < | <= | > | >=
//   bound      = NUMBER UNIT, the unit being one of the metric's
//
// A step's name ends at the metric's last ')' and may hold anything but '<' and '>'.
tl::expected<ParsedThreshold, ThresholdFault> read_threshold(std::string_view expression);

// The metric alone, as it stands before a comparison: the threshold's other parts say nothing.
tl::expected<ParsedThreshold, ThresholdFault> read_metric_alone(std::string_view metric);

}  // namespace loadlab
