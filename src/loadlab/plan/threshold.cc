#include "loadlab/plan/threshold.h"

#include <algorithm>

#include "loadlab/result/probe_metrics.h"

namespace loadlab {

namespace {

const char* unit_of_probed(const Threshold& threshold) {
  const MetricForm* form = find_metric(threshold.probe, threshold.probed);
  if (!form) return "";
  if (threshold.aggregate == Aggregate::per_request && form->kind == MetricKind::rate)
    return form->unit == "MB/s" ? "MB" : "";
  return form->unit.data();  // a literal, with its end
}

}  // namespace

bool speak_of_errors(const std::vector<Threshold>& thresholds) {
  return std::any_of(thresholds.begin(), thresholds.end(),
                     [](const Threshold& threshold) { return threshold.metric == Metric::error_rate; });
}

const char* unit_of(const Threshold& threshold) {
  switch (threshold.metric) {
    case Metric::response_time:
    case Metric::service_time:
    case Metric::connection_wait:
    case Metric::send_lag:
    case Metric::duration:
    case Metric::cpu_per_request:
      return "ms";
    case Metric::error_rate:
    case Metric::cpu:
      return "%";
    case Metric::memory:
      return "MB";
    case Metric::requests:
      return threshold.aggregate == Aggregate::rate ? "/s" : "";
    case Metric::memory_per_request:
    case Metric::bytes_per_request:
      return "B";
    case Metric::dropped:
    case Metric::descriptors:
    case Metric::queries_per_request:
    case Metric::db_connections:
      return "";
    case Metric::probed:
      return unit_of_probed(threshold);
  }
  return "";
}

}  // namespace loadlab
