#include "loadlab/judge/silence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loadlab {

std::optional<Silence> silence_at_end(const TestResult& test) {
  double end = 0;
  double answered = 0;
  double longest_ms = 0;
  for (const Second& second : test.series) {
    const bool loaded = second.users > 0 && second.index + 1 <= test.planned_seconds;
    if (loaded) end = second.index + 1;
    if (second.requests > second.errors) answered = second.index + 1;
  }
  std::uint64_t failed_since = 0;
  for (const Second& second : test.series) {
    if (second.index >= answered) failed_since += second.errors;
    if (second.index < answered && std::isfinite(second.response_max_ms))
      longest_ms = std::max(longest_ms, second.response_max_ms);
  }
  const double seconds = end - answered;
  if (answered <= 0 || failed_since == 0) return std::nullopt;
  if (seconds < std::max(kShortestSilence, kSilenceByAnswer * longest_ms / 1000)) return std::nullopt;
  return Silence{answered, seconds};
}

ThresholdOutcome outcome_of(const Silence& silence) {
  ThresholdOutcome outcome;
  outcome.expression = fmt::format("silence at the end < {:.0f}s", kShortestSilence);
  outcome.unit = "ms";
  outcome.bound = 1000 * kShortestSilence;
  outcome.observed = 1000 * silence.seconds;
  outcome.margin = (kShortestSilence - silence.seconds) / kShortestSilence;
  return outcome;
}

}  // namespace loadlab
