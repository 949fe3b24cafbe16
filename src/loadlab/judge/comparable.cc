#include "loadlab/judge/comparable.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace loadlab {
namespace {

std::size_t whole_seconds(const TestResult& test) {
  const auto measured = std::count_if(test.series.begin(), test.series.end(),
                                      [&](const Second& second) { return second.index >= test.warm_up_seconds; });
  return measured > 0 ? static_cast<std::size_t>(measured) - 1 : 0;
}

// Of what was repeated most.
std::size_t repetitions(const TestResult& test) {
  std::size_t most = 0;
  const auto look_at = [&most](const std::vector<SampledFigure>& figures) {
    for (const SampledFigure& figure : figures) most = std::max(most, figure.values.size());
  };
  for (const BenchmarkResult& benchmark : test.benchmarks) look_at(benchmark.figures);
  if (test.sweep) {
    for (const SweepPointResult& point : test.sweep->points) look_at(point.figures);
  }
  return most;
}

}  // namespace

std::string too_short_to_compare(const RunResult& run) {
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> names;
  for (const TestResult& test : run.tests) {
    if (test.verdict == Verdict::error || test.verdict == Verdict::untrusted) continue;
    const bool is_load = test.kind == TestKind::load;
    const std::size_t measured = is_load ? whole_seconds(test) : repetitions(test);
    const std::size_t fewest = is_load ? kFewestSeconds : kFewestSamples;
    if (measured >= fewest) continue;
    names.push_back(
        fmt::format("'{}' ({} of {} {})", test.name, measured, fewest, is_load ? "whole seconds" : "repetitions"));
  }
  if (names.empty()) return "";
  const std::size_t more = names.size() - std::min(names.size(), kMostNamed);
  names.resize(names.size() - more);
  return fmt::format("too short to be compared: {}{}", fmt::join(names, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace loadlab
