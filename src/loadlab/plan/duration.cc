#include <cmath>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {

using base::ErrorKind;
using base::fail;

base::Result<Nanoseconds> parse_duration(std::string_view text) {
  // A century: no plan's bound is above it, and nanoseconds still count it without overflow.
  constexpr double kLongest = 100.0 * 366 * 24 * 3600 * 1e9;
  const auto quantity = split_quantity(text);
  if (!quantity) {
    return fail(ErrorKind::invalid, "'{}' is not a duration; write a number and its unit, as in 30s, 5m or 250ms",
                shown(text));
  }
  if (quantity->unit.empty()) {
    return fail(ErrorKind::invalid, "'{0}' has no unit; write {0}s, {0}ms or {0}m", shown(trimmed(text)));
  }
  const auto factor = nanoseconds_per(quantity->unit);
  if (!factor) {
    return fail(ErrorKind::invalid, "'{}' has the unknown unit '{}'; the units are us, ms, s, m and h", shown(text),
                shown(quantity->unit));
  }
  const double nanoseconds = quantity->number * *factor;
  if (nanoseconds > kLongest) return fail(ErrorKind::invalid, "'{}' is longer than a century", shown(text));
  return Nanoseconds(std::llround(nanoseconds));
}

base::Result<double> parse_rate(std::string_view text) {
  const auto quantity = split_quantity(text);
  if (!quantity) {
    return fail(ErrorKind::invalid, "'{}' is not a rate; write a number a time, as in 500/s or 30/m", shown(text));
  }
  if (quantity->unit.empty()) {
    return fail(ErrorKind::invalid, "'{0}' says not how often; write {0}/s, {0}/m or {0}/h", shown(trimmed(text)));
  }
  const auto factor = per_second(quantity->unit);
  if (!factor) {
    return fail(ErrorKind::invalid, "'{}' has the unknown unit '{}'; the units are /s, /m and /h", shown(text),
                shown(quantity->unit));
  }
  return quantity->number * *factor;
}

}  // namespace loadlab
