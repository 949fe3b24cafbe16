#include "loadlab/judge/verdict.h"

#include <algorithm>

#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/trust.h"

namespace loadlab {

Verdict verdict_of(const TestResult& test) {
  if (!test.failure.empty()) return Verdict::error;
  if (!test.trust.trusted) return Verdict::untrusted;
  const bool broken = std::any_of(test.thresholds.begin(), test.thresholds.end(), [](const ThresholdOutcome& outcome) {
    return !outcome.passed && !outcome.warn_only;
  });
  return broken ? Verdict::fail : Verdict::pass;
}

Verdict verdict_of(const RunResult& run) {
  if (run.tests.empty()) return Verdict::error;
  Verdict worst = run.interrupted ? Verdict::error : Verdict::pass;
  for (const TestResult& test : run.tests) worst = worse(worst, test.verdict);
  return worst;
}

void judge(const Test& plan, double busiest_worker_percent, TestResult& test) {
  std::vector<ThresholdOutcome> outcomes;
  for (const Threshold& threshold : plan.thresholds) {
    const auto kept = std::find_if(
        test.thresholds.begin(), test.thresholds.end(),
        [&](const ThresholdOutcome& outcome) { return outcome.aborted && outcome.expression == threshold.expression; });
    outcomes.push_back(kept != test.thresholds.end() ? *kept : evaluate(threshold, test));
  }
  test.thresholds = std::move(outcomes);
  test.trust = judge_trust(plan, test, busiest_worker_percent);
  if (test.total.requests == 0 && test.failure.empty())
    test.failure = test.stopped.empty()
                       ? "No request was carried out; give the test a longer duration or a higher rate."
                       : "No request was carried out before the test was stopped.";
  test.verdict = verdict_of(test);
}

}  // namespace loadlab
