#include "loadlab/judge/silence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loadlab {

namespace {

// Whether a step that had been answered got no answer at some time: one that never is, as a long poll, tells nothing.
bool was_left_waiting(const Tally& step) {
  std::uint64_t unanswered = 0;
  for (const auto& [fault, count] : step.faults) unanswered += is_answer(fault) ? 0 : count;
  return unanswered > 0 && unanswered < step.requests;
}

}  // namespace

std::optional<Silence> silence_at_end(const TestResult& test) {
  double end = 0;
  double answered = 0;
  double longest_ms = 0;
  for (const Second& second : test.series) {
    const bool asked = second.users > 0 || second.requests > 0 || second.dropped > 0;
    if (asked && second.index + 1 <= test.planned_seconds) end = second.index + 1;
    if (second.requests > second.unanswered) answered = second.index + 1;
  }
  std::uint64_t unanswered = 0;
  for (const Second& second : test.series) {
    if (second.index >= answered) unanswered += second.unanswered;
    if (second.index < answered && std::isfinite(second.response_max_ms))
      longest_ms = std::max(longest_ms, second.response_max_ms);
  }
  const double seconds = end - answered;
  if (answered <= 0 || unanswered == 0) return std::nullopt;
  if (seconds < std::max(kShortestSilence, kSilenceByAnswer * longest_ms / 1000)) return std::nullopt;
  const bool waited = std::any_of(test.steps.begin(), test.steps.end(),
                                  [](const StepTally& step) { return was_left_waiting(step.tally); });
  return waited ? std::optional(Silence{answered, seconds}) : std::nullopt;
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
