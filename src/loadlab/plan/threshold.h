// A bound on a metric, as a plan states it: `p95(response_time of recommend) < 3s`.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/comparison.h"

namespace loadlab {

enum class Metric {
  response_time,
  service_time,
  connection_wait,
  send_lag,
  duration,    // of a group, time to think within it included
  requests,    // rate or count
  error_rate,  // of all requests
  dropped,     // count of iterations
  cpu,         // percent of the whole machine
  memory,      // resident
  descriptors,
  cpu_per_request,
  memory_per_request,   // by how much the target's memory grew
  bytes_per_request,    // on the wire, both ways
  queries_per_request,  // statements of the target's database
  db_connections,       // its sessions
  probed,               // any metric of a probe, by name
};

enum class Aggregate { value, average, minimum, maximum, percentile, rate, count, per_request };
enum class Severity { fail, warn };

struct Threshold {
  std::string expression;  // as written
  Metric metric = Metric::response_time;
  Aggregate aggregate = Aggregate::value;
  double percentile = 0;  // 0 … 100, where the aggregate is a percentile
  std::string step;       // the step, or the group, that it is about; empty: all of them
  bool of_group = false;  // that is a group's name
  std::string probe;      // of `probed`: "redis" …
  std::string probed;     // … and its metric, by the name of result/probe_metrics.h, or of an endpoint
  Comparison comparison = Comparison::less;
  // In the metric's unit: milliseconds for times, percent for error_rate and cpu, megabytes (10^6 bytes) for memory,
  // bytes for bytes_per_request and memory_per_request, requests a second for a rate, a plain number for counts.
  double bound = 0;
  Severity severity = Severity::fail;
  bool abort = false;  // once it is broken in mid-run, the test ends …
  // … but not before so much of it, after its warm-up. At first connections and caches are cold, and a ramp has hardly
  // begun.
  base::Nanoseconds grace{std::chrono::seconds(2)};
  std::string reason;  // of a warning: why the bar is missed; may be empty
};

// One of them is about error_rate, of whatever part: who wrote them has said which errors may be.
bool speak_of_errors(const std::vector<Threshold>& thresholds);

// "ms", "%", "MB", "MB/s", "B", "/s" or "": what the numbers of such a threshold are counted in.
const char* unit_of(const Threshold& threshold);

}  // namespace loadlab
