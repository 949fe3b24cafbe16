// In which units a threshold's bound may be written. For threshold_parser.cc. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadlab/plan/threshold.h"

namespace loadlab {

// Of a `rate_or_count` the aggregate says which it is.
enum class BoundUnit { time, percent, megabytes, megabytes_a_second, bytes, rate, rate_or_count, count };

// By the unit that a probe counts a metric in.
BoundUnit unit_of_probe(std::string_view unit);

// The factor from a written unit to the metric's own; none if it is no unit of that kind.
std::optional<double> factor_of(BoundUnit kind, Aggregate aggregate, std::string_view unit);

// "a time: us, ms, s, m or h, as in 300ms".
std::string_view units_of(BoundUnit kind, Aggregate aggregate);

// A bound that was written without a unit, with the one that was probably meant: `3s` of 3, `300ms` of 300.
std::string with_meant_unit(double number, std::string_view written, BoundUnit kind);

}  // namespace loadlab
