#include "loadlab/report/margin_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// What is nearly all: more digits of it say nothing.
constexpr double kNearlyAll = 0.999;
// From here on a share is harder to read than how many times it is.
constexpr double kNearlyTwice = 1.995;

// "2", "2.5", "50", "12,300".
std::string times_text(double times) {
  constexpr double kMost = 1e15;
  constexpr double kMany = 1000;  // the fourth digit of more says nothing
  const double tenths = std::round(10 * times) / 10;
  if (tenths < 10 && tenths != std::floor(tenths)) return fmt::format("{:.1f}", tenths);
  const double unit = times < kMany ? 1 : std::pow(10, std::floor(std::log10(std::min(times, kMost))) - 2);
  return format_count(static_cast<std::uint64_t>(std::llround(std::round(std::min(times, kMost) / unit) * unit)));
}

}  // namespace

std::string margin_text(const ThresholdOutcome& outcome) {
  const double margin = outcome.margin.value_or(0);
  if (margin > kNearlyAll && margin < 1) return ">99.9 % to spare";
  if (margin > 0 || outcome.passed) return format_percent(100 * margin) + " to spare";
  if (margin == 0) return "at the limit itself";
  if (outcome.observed && *outcome.observed < outcome.bound) return "short by " + format_percent(-100 * margin);
  const double times = 1 - margin;
  return times < kNearlyTwice ? "over by " + format_percent(-100 * margin) : times_text(times) + " times the limit";
}

}  // namespace loadlab
