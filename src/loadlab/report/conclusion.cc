#include "loadlab/report/conclusion.h"

#include <fmt/format.h>

#include <set>

#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// Of a run, with the test that it is of.
struct Least {
  const ThresholdOutcome* outcome = nullptr;
  const TestResult* test = nullptr;
};

Least least_of(const RunResult& run) {
  Least least;
  for (const TestResult& test : run.tests) {
    const ThresholdOutcome* own = tightest(test);
    if (own && (!least.outcome || *own->margin < *least.outcome->margin)) least = {own, &test};
  }
  return least;
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
    if (outcome.warn_only || !outcome.margin) continue;
    if (!found || *outcome.margin < *found->margin) found = &outcome;
  }
  return found;
}

std::string margin_text(double margin) {
  return margin >= 0 ? format_percent(100 * margin) + " to spare" : "over by " + format_percent(-100 * margin);
}

Conclusion conclude(const RunResult& run) {
  Conclusion conclusion;
  conclusion.holds = holds(run);
  conclusion.warnings = missed_warnings(run);
  const Least least = least_of(run);
  if (!least.outcome) return conclusion;
  conclusion.margin =
      fmt::format("{} of {} in '{}': {} observed, {}",
                  *least.outcome->margin >= 0 ? "the least is that" : "broken the most is that",
                  least.outcome->expression, least.test->name,
                  least.outcome->observed ? format_value(*least.outcome->observed, least.outcome->unit) : "nothing",
                  margin_text(*least.outcome->margin));
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
