#include "loadlab/judge/benchmarks.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/verdict.h"

namespace loadlab {
namespace {

double spread_of(Spread spread, const SampledFigure& figure) {
  switch (spread) {
    case Spread::minimum:
      return figure.minimum();
    case Spread::maximum:
      return figure.maximum();
    case Spread::average:
      return figure.average();
    case Spread::variation:
      return figure.variation_percent();
    case Spread::median:
      break;
  }
  return figure.median();
}

ThresholdOutcome evaluate(const BenchmarkThreshold& threshold, const TestResult& test) {
  ThresholdOutcome outcome;
  outcome.expression = threshold.expression;
  outcome.warn_only = threshold.severity == Severity::warn;
  outcome.reason = threshold.reason;
  outcome.unit = threshold.unit;
  outcome.bound = threshold.bound;
  const auto found = std::find_if(test.benchmarks.begin(), test.benchmarks.end(),
                                  [&](const BenchmarkResult& one) { return one.name == threshold.benchmark; });
  if (found == test.benchmarks.end()) {
    outcome.missing = fmt::format("no benchmark of that name was run: {}", threshold.benchmark);
    return outcome;
  }
  const SampledFigure* figure = found->find(threshold.figure);
  if (!figure) {
    outcome.missing = found->skipped.empty() ? fmt::format("{} counts no {}", threshold.benchmark, threshold.figure)
                                             : fmt::format("it was skipped: {}", found->skipped);
    return outcome;
  }
  outcome.observed = spread_of(threshold.spread, *figure);
  settle(outcome, threshold.comparison);
  return outcome;
}

}  // namespace

void judge_benchmark(const Test& plan, TestResult& test) {
  test.kind = TestKind::benchmark;
  test.thresholds.clear();
  for (const BenchmarkThreshold& threshold : plan.benchmark->thresholds)
    test.thresholds.push_back(evaluate(threshold, test));
  test.verdict = verdict_of(test);
}

}  // namespace loadlab
