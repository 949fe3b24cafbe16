#include "loadlab/judge/thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loadlab {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;

// What a threshold is about: the step's, or all requests. None if no such step was carried out.
const Tally* tally_of(const Threshold& threshold, const TestResult& test) {
  if (threshold.step.empty()) return &test.total;
  const auto found = std::find_if(test.steps.begin(), test.steps.end(),
                                  [&](const StepTally& step) { return step.name == threshold.step; });
  return found == test.steps.end() ? nullptr : &found->tally;
}

const stats::Histogram& histogram_of(Metric metric, const Timings& timings) {
  switch (metric) {
    case Metric::service_time:
      return timings.service;
    case Metric::connection_wait:
      return timings.connection_wait;
    case Metric::send_lag:
      return timings.send_lag;
    default:
      return timings.response;
  }
}

const GroupTally* group_of(const Threshold& threshold, const TestResult& test) {
  const auto found = std::find_if(test.groups.begin(), test.groups.end(),
                                  [&](const NamedGroup& group) { return group.name == threshold.step; });
  return found == test.groups.end() ? nullptr : &found->tally;
}

std::optional<double> time_of(const Threshold& threshold, const stats::Histogram& histogram) {
  if (histogram.count() == 0) return std::nullopt;
  switch (threshold.aggregate) {
    case Aggregate::minimum:
      return static_cast<double>(histogram.min()) / kNanosecondsPerMillisecond;
    case Aggregate::maximum:
      return static_cast<double>(histogram.max()) / kNanosecondsPerMillisecond;
    case Aggregate::percentile:
      return static_cast<double>(histogram.percentile(threshold.percentile)) / kNanosecondsPerMillisecond;
    default:
      return histogram.mean() / kNanosecondsPerMillisecond;
  }
}

std::optional<double> requests_of(const Threshold& threshold, const Tally& tally, double seconds) {
  const auto requests = static_cast<double>(tally.requests);
  if (threshold.aggregate != Aggregate::rate) return requests;
  if (!(seconds > 0)) return std::nullopt;
  return requests / seconds;
}

std::optional<double> observe_group(const Threshold& threshold, const TestResult& test) {
  const GroupTally* group = group_of(threshold, test);
  if (!group || group->passes == 0) return std::nullopt;
  if (threshold.metric == Metric::error_rate) return group->error_percent();
  return time_of(threshold, threshold.metric == Metric::duration ? group->durations : group->responses);
}

bool is_upper_bound(const Threshold& threshold) {
  return threshold.comparison == Comparison::less || threshold.comparison == Comparison::less_or_equal;
}

std::optional<double> probed_by(const ProbeSeries& series, const Threshold& threshold, std::uint64_t requests) {
  const MetricSeries* metric = series.find(threshold.probed);
  if (!metric) return std::nullopt;
  const MetricSummary& summary = metric->summary;
  double value = kGap;
  switch (threshold.aggregate) {
    case Aggregate::minimum:
      value = summary.lowest;
      break;
    case Aggregate::maximum:
      value = summary.highest;
      break;
    case Aggregate::per_request:
      if (requests > 0) value = summary.increase / static_cast<double>(requests);
      break;
    default:
      value = summary.average;
  }
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

// Where several of a kind are watched, the bound must hold for each: the one that is nearest to breaking it counts.
std::optional<double> probed(const Threshold& threshold, const TestResult& test) {
  std::optional<double> worst;
  for (const ProbeSeries* series : wholes_of(test.probes, threshold.probe)) {
    const auto value = probed_by(*series, threshold, test.total.requests);
    if (!value) continue;
    if (!worst || (is_upper_bound(threshold) ? *value > *worst : *value < *worst)) worst = value;
  }
  return worst;
}

// In the threshold's unit.
std::optional<double> observe(const Threshold& threshold, const TestResult& test) {
  if (threshold.of_group) return observe_group(threshold, test);
  const Tally* tally = tally_of(threshold, test);
  if (!tally) return std::nullopt;
  const bool peak = threshold.aggregate == Aggregate::maximum;
  switch (threshold.metric) {
    case Metric::response_time:
    case Metric::service_time:
    case Metric::connection_wait:
    case Metric::send_lag:
      return time_of(threshold, histogram_of(threshold.metric, tally->timings));
    case Metric::duration:
      break;
    case Metric::requests:
      return requests_of(threshold, *tally, test.measured_seconds());
    case Metric::error_rate:
      return tally->requests == 0 ? std::nullopt : std::optional(tally->error_percent());
    case Metric::dropped:
      return static_cast<double>(test.dropped_iterations);
    case Metric::cpu:
      return peak ? test.resources.peak_cpu_percent : test.resources.avg_cpu_percent;
    case Metric::memory:
      return peak ? test.resources.peak_memory_mb : test.resources.avg_memory_mb;
    case Metric::descriptors:
      return test.resources.open_descriptors;
    case Metric::cpu_per_request:
      return test.resources.cpu_ms_per_request;
    case Metric::memory_per_request:
      return test.resources.memory_bytes_per_request;
    case Metric::bytes_per_request:
      return test.resources.bytes_per_request;
    case Metric::queries_per_request:
      return test.resources.queries_per_request;
    case Metric::db_connections:
      return peak ? test.resources.db_connections : test.resources.avg_db_connections;
    case Metric::probed:
      return probed(threshold, test);
  }
  return std::nullopt;
}

std::string why_missing(const Threshold& threshold, const TestResult& test) {
  switch (threshold.metric) {
    case Metric::cpu:
    case Metric::memory:
    case Metric::descriptors:
    case Metric::cpu_per_request:
    case Metric::memory_per_request:
      return test.resources.gap;
    case Metric::queries_per_request:
    case Metric::db_connections:
      return wholes_of(test.probes, "postgresql").empty() ? "no postgresql is watched" : "";
    case Metric::probed:
      break;
    default:
      return "";
  }
  const auto watched = wholes_of(test.probes, threshold.probe);
  if (watched.empty()) return fmt::format("no {} is watched", threshold.probe);
  for (const ProbeSeries* series : watched) {
    if (series->find(threshold.probed)) return "it was not read while the load lasted";
    if (!series->gaps.empty()) return series->gaps.front().reason;
  }
  return "what is watched does not have it";
}

// On how many requests, or passes of its group, it is measured.
std::uint64_t sample_of(const Threshold& threshold, const TestResult& test) {
  if (threshold.of_group) {
    const GroupTally* group = group_of(threshold, test);
    return group ? group->passes : 0;
  }
  const Tally* tally = tally_of(threshold, test);
  return tally ? tally->requests : 0;
}

// Whether a few requests could mislead it.
bool needs_requests(const Threshold& threshold) {
  switch (threshold.metric) {
    case Metric::requests:
    case Metric::dropped:
    case Metric::cpu:
    case Metric::memory:
    case Metric::descriptors:
    case Metric::db_connections:
      return false;
    case Metric::probed:
      return threshold.aggregate == Aggregate::per_request;
    default:
      return true;
  }
}

}  // namespace

ThresholdOutcome evaluate(const Threshold& threshold, const TestResult& test) {
  ThresholdOutcome outcome;
  outcome.expression = threshold.expression;
  outcome.warn_only = threshold.severity == Severity::warn;
  outcome.reason = threshold.reason;
  outcome.unit = unit_of(threshold);
  outcome.bound = threshold.bound;
  outcome.observed = observe(threshold, test);
  if (!outcome.observed) {
    outcome.missing = why_missing(threshold, test);
    return outcome;
  }
  settle(outcome, threshold.comparison);
  return outcome;
}

void settle(ThresholdOutcome& outcome, Comparison comparison) {
  if (!outcome.observed) return;
  outcome.passed = holds(*outcome.observed, comparison, outcome.bound);
  if (!(outcome.bound > 0)) return;
  const double room = (outcome.bound - *outcome.observed) / outcome.bound;
  const bool upper = comparison == Comparison::less || comparison == Comparison::less_or_equal;
  outcome.margin = upper ? room : -room;
}

std::optional<ThresholdOutcome> should_abort(const std::vector<Threshold>& thresholds, const TestResult& so_far,
                                             base::Nanoseconds elapsed) {
  const double measured = std::chrono::duration<double>(elapsed).count() - so_far.warm_up_seconds;
  for (const Threshold& threshold : thresholds) {
    if (!threshold.abort || !is_upper_bound(threshold)) continue;
    if (measured < std::chrono::duration<double>(threshold.grace).count()) continue;
    if (needs_requests(threshold) && sample_of(threshold, so_far) < kFewestRequestsToAbort) continue;
    ThresholdOutcome outcome = evaluate(threshold, so_far);
    if (!outcome.observed || outcome.passed) continue;
    outcome.aborted = true;
    return outcome;
  }
  return std::nullopt;
}

}  // namespace loadlab
