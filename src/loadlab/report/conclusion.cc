#include "loadlab/report/conclusion.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "loadlab/report/margin_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// Of a run, with the test that it is of.
struct Least {
  const ThresholdOutcome* outcome = nullptr;
  const TestResult* test = nullptr;
};

// The smaller, the worse: first by what it is like, then by its margin.
std::pair<int, double> room_of(const ThresholdOutcome& outcome) {
  if (outcome.passed) return {3, outcome.margin.value_or(HUGE_VAL)};
  if (!outcome.observed) return {2, 0};
  return outcome.margin ? std::pair(1, *outcome.margin) : std::pair(0, 0.0);
}

Least least_of(const RunResult& run) {
  Least least;
  for (const TestResult& test : run.tests) {
    const ThresholdOutcome* own = tightest(test);
    if (own && (!least.outcome || room_of(*own) < room_of(*least.outcome))) least = {own, &test};
  }
  return least;
}

std::string margin_of(const Least& least) {
  const ThresholdOutcome& outcome = *least.outcome;
  const std::string what = fmt::format("{} in '{}'", outcome.expression, least.test->name);
  const std::string observed = outcome.observed ? format_value(*outcome.observed, outcome.unit) : "nothing";
  if (!outcome.margin) {
    return fmt::format("broken is {}: {} observed{}", what, observed,
                       outcome.missing.empty() ? "" : ", as " + outcome.missing);
  }
  const bool at_bound = !outcome.passed && *outcome.margin >= 0;
  return fmt::format("{} of {}: {} observed, {}", outcome.passed ? "the least is that" : "broken the most is that",
                     what, observed, at_bound ? "which is the bound itself" : margin_text(outcome));
}

std::string holds(const RunResult& run) {
  std::size_t passed = 0;
  std::size_t thresholds = 0;
  std::size_t held = 0;
  std::size_t verifications = 0;
  std::size_t verified = 0;
  std::set<std::string> leaking;
  for (const TestResult& test : run.tests) {
    passed += test.verdict == Verdict::pass;
    for (const ThresholdOutcome& outcome : test.thresholds) {
      ++thresholds;
      held += outcome.passed;
    }
    for (const VerificationOutcome& outcome : test.verifications) {
      ++verifications;
      verified += outcome.passed;
    }
    for (const LeakFinding& leak : test.leaks.findings) {
      if (leak.verdict == LeakVerdict::leak) leaking.insert(leak.resource);
    }
  }
  std::string text = run.tests.size() <= 1 ? "" : fmt::format("{} of {} tests passed", passed, run.tests.size());
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (thresholds > 0) add(fmt::format("{} of {} thresholds {}", held, thresholds, held == 1 ? "holds" : "hold"));
  if (verifications > 0) add(fmt::format("{} of {} verifications passed", verified, verifications));
  if (text.empty()) text = "no thresholds: nothing was asked of the target";
  if (!leaking.empty()) add(fmt::format("{} {}", fmt::join(leaking, " and "), leaking.size() == 1 ? "leaks" : "leak"));
  return text;
}

std::string missed_warnings(const RunResult& run) {
  std::size_t missed = 0;
  for (const TestResult& test : run.tests) {
    for (const ThresholdOutcome& outcome : test.thresholds) missed += outcome.warn_only && !outcome.passed;
    for (const VerificationOutcome& outcome : test.verifications) missed += outcome.warn_only && !outcome.passed;
  }
  if (missed == 0) return "";
  return fmt::format("{} of the bars that only warn {} missed", missed, missed == 1 ? "is" : "are");
}

}  // namespace

const ThresholdOutcome* tightest(const TestResult& test) {
  const ThresholdOutcome* found = nullptr;
  for (const ThresholdOutcome& outcome : test.thresholds) {
    if (outcome.warn_only || (outcome.passed && !outcome.margin)) continue;
    if (!found || room_of(outcome) < room_of(*found)) found = &outcome;
  }
  return found;
}

Conclusion conclude(const RunResult& run) {
  Conclusion conclusion;
  conclusion.holds = holds(run);
  conclusion.warnings = missed_warnings(run);
  const Least least = least_of(run);
  if (!least.outcome) return conclusion;
  conclusion.margin = margin_of(least);
  const Bottleneck& bottleneck = least.test->bottleneck;
  if (bottleneck.candidates.empty()) {
    conclusion.gives_first = bottleneck.sentence;
    return conclusion;
  }
  const Candidate& first = bottleneck.candidates.front();
  conclusion.gives_first = fmt::format("{}: {}", first.cause, first.evidence);
  conclusion.change = first.advice;
  return conclusion;
}

}  // namespace loadlab
