#include "loadlab/history/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "loadlab/history/step_block.h"
#include "stats/histogram_log.h"

namespace loadlab {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;

// Of two levels over times of their own.
std::optional<double> mean_of(const std::optional<double>& a, double a_seconds, const std::optional<double>& b,
                              double b_seconds) {
  if (!a || !b) return a ? a : b;
  return (*a * a_seconds + *b * b_seconds) / (a_seconds + b_seconds);
}

void add_tally(std::vector<Figure>& figures, const std::string& step, const Tally& tally, double seconds) {
  const auto add = [&](const char* name, double value) { figures.push_back({step, name, value}); };
  add("requests_per_second", seconds > 0 ? static_cast<double>(tally.requests) / seconds : 0.0);
  add("error_rate_percent", tally.error_percent());
  const stats::Histogram& response = tally.timings.response;
  if (response.count() == 0) return;
  add("avg_response_time_ms", response.mean() / kNanosecondsPerMillisecond);
  for (const auto& [name, percent] : {std::pair("p50_response_time_ms", 50.0), std::pair("p95_response_time_ms", 95.0),
                                      std::pair("p99_response_time_ms", 99.0)}) {
    add(name, static_cast<double>(response.percentile(percent)) / kNanosecondsPerMillisecond);
  }
}

std::string sample_name(const std::string& figure, std::size_t index) { return fmt::format("{}[{}]", figure, index); }

void add_samples(std::vector<Figure>& figures, const std::string& step, const std::vector<SampledFigure>& sampled) {
  for (const SampledFigure& one : sampled) {
    if (one.values.empty()) continue;
    // As the summary has units: at a name's end.
    const std::string name = one.unit == "ms" && !one.name.ends_with("_ms") ? one.name + "_ms" : one.name;
    figures.push_back({step, name, one.median()});
    for (std::size_t i = 0; i < one.values.size(); ++i) figures.push_back({step, sample_name(name, i), one.values[i]});
  }
}

}  // namespace

base::Result<> Block::merge(const Block& later) {
  auto times = stats::decode_histogram(response);
  if (!times) return base::pass_on(times);
  const auto later_times = stats::decode_histogram(later.response);
  if (!later_times) return base::pass_on(later_times);
  times->merge(*later_times);
  response = stats::encode_histogram(*times);
  auto both = merge_steps(steps, later.steps);
  if (!both) return base::pass_on(both);
  steps = std::move(*both);
  cpu = mean_of(cpu, end_seconds - begin_seconds, later.cpu, later.end_seconds - later.begin_seconds);
  memory = mean_of(memory, end_seconds - begin_seconds, later.memory, later.end_seconds - later.begin_seconds);
  end_seconds = later.end_seconds;
  requests += later.requests;
  errors += later.errors;
  dropped += later.dropped;
  users = later.users;
  return {};
}

std::optional<double> TestRecord::figure(const std::string& figure_name, const std::string& step) const {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const Figure& one) { return one.name == figure_name && one.step == step; });
  if (found == figures.end()) return std::nullopt;
  return found->value;
}

std::vector<double> samples_of(const TestRecord& test, const Figure& figure) {
  // In one pass, as a sweep has thousands of figures.
  const std::string begin = figure.name + "[";
  std::map<std::size_t, double> by_number;
  for (const Figure& one : test.figures) {
    if (one.step != figure.step || !one.name.starts_with(begin)) continue;
    by_number[std::strtoul(one.name.c_str() + begin.size(), nullptr, 10)] = one.value;
  }
  std::vector<double> samples;
  for (const auto& [number, value] : by_number) samples.push_back(value);
  return samples;
}

std::string fingerprint(const Machine& machine) {
  return fmt::format("{}, {} core{}, {:.0f} GB, {}", machine.cpu, machine.cores, machine.cores == 1 ? "" : "s",
                     machine.memory_mb / 1000, machine.kernel.substr(0, machine.kernel.find('.')));
}

std::vector<Figure> figures_of(const SweepPointResult& point) {
  std::vector<Figure> figures;
  add_samples(figures, point.name, point.figures);
  return figures;
}

std::vector<Figure> figures_of(const TestResult& test) {
  std::vector<Figure> figures;
  if (!test.failure.empty()) return figures;
  for (const BenchmarkResult& one : test.benchmarks) add_samples(figures, one.name, one.figures);
  if (test.sweep) {
    for (const SweepPointResult& point : test.sweep->points) add_samples(figures, point.name, point.figures);
  }
  if (test.kind != TestKind::load) return figures;
  add_tally(figures, "", test.total, test.measured_seconds());
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) figures.push_back({"", name, *value});
  };
  add(kAllowedStealFigure, test.trust.allowed_steal_percent);
  add("dropped_iterations", static_cast<double>(test.dropped_iterations));
  add("avg_cpu_percent", test.resources.avg_cpu_percent);
  add("cpu_ms_per_request", test.resources.cpu_ms_per_request);
  add("avg_memory_mb", test.resources.avg_memory_mb);
  add("peak_memory_mb", test.resources.peak_memory_mb);
  for (const StepTally& step : test.steps) add_tally(figures, step.name, step.tally, test.measured_seconds());
  return figures;
}

}  // namespace loadlab
