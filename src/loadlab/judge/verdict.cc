#include "loadlab/judge/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "loadlab/judge/benchmarks.h"
#include "loadlab/judge/bottleneck.h"
#include "loadlab/judge/leaks.h"
#include "loadlab/judge/recovery.h"
#include "loadlab/judge/silence.h"
#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/trust.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {

namespace {

std::string why_nothing_was_done(const TestResult& test) {
  if (!test.user_setup.faults.empty()) {
    const auto most = std::max_element(test.user_setup.faults.begin(), test.user_setup.faults.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return fmt::format("No user's set-up succeeded, so no request was carried out: {}.", test.name_of(most->first));
  }
  return test.stopped.empty() ? "No request was carried out; give the test a longer duration or a higher rate."
                              : "No request was carried out before the test was stopped.";
}

// Of a target that gave no good answer, where the plan says nothing of errors. Quick refusals keep every other bound.
std::optional<ThresholdOutcome> no_success(const Test& plan, const TestResult& test) {
  const bool failed = test.total.requests > 0 && test.total.failed == test.total.requests;
  if (!failed || speak_of_errors(plan.thresholds)) return std::nullopt;
  return evaluate(parse_threshold("error_rate < 100%").value(), test);
}

}  // namespace

Verdict verdict_of(const TestResult& test) {
  if (!test.failure.empty()) return Verdict::error;
  if (!test.trust.trusted) return Verdict::untrusted;
  const bool broken = std::any_of(test.thresholds.begin(), test.thresholds.end(), [](const ThresholdOutcome& outcome) {
    return !outcome.passed && !outcome.warn_only;
  });
  const bool leaks = std::any_of(
      test.leaks.findings.begin(), test.leaks.findings.end(),
      [](const LeakFinding& finding) { return finding.verdict == LeakVerdict::leak && !finding.warn_only; });
  const bool refuted =
      std::any_of(test.verifications.begin(), test.verifications.end(),
                  [](const VerificationOutcome& outcome) { return !outcome.passed && !outcome.warn_only; });
  return broken || leaks || refuted ? Verdict::fail : Verdict::pass;
}

Verdict verdict_of(const RunResult& run) {
  if (run.tests.empty()) return Verdict::error;
  Verdict worst = run.interrupted ? Verdict::error : Verdict::pass;
  for (const TestResult& test : run.tests) worst = worse(worst, test.verdict);
  return worst;
}

void judge(const Test& plan, TestResult& test) {
  if (plan.benchmark) return judge_benchmark(plan, test);
  std::vector<ThresholdOutcome> outcomes;
  for (const Threshold& threshold : plan.thresholds) {
    const auto kept = std::find_if(
        test.thresholds.begin(), test.thresholds.end(),
        [&](const ThresholdOutcome& outcome) { return outcome.aborted && outcome.expression == threshold.expression; });
    outcomes.push_back(kept != test.thresholds.end() ? *kept : evaluate(threshold, test));
  }
  if (const auto silence = silence_at_end(test)) outcomes.push_back(outcome_of(*silence));
  if (auto failed = no_success(plan, test)) outcomes.push_back(std::move(*failed));
  test.thresholds = std::move(outcomes);
  test.trust = judge_trust(plan, test);
  test.leaks = judge_leaks(plan, test);
  test.bottleneck = judge_bottleneck(plan, test);
  test.recovery = judge_recovery(plan, test);
  if (test.total.requests == 0 && test.failure.empty()) test.failure = why_nothing_was_done(test);
  test.verdict = verdict_of(test);
}

}  // namespace loadlab
