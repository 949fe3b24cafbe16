// What probes saw of a test: for each watched thing its metrics over time, on the run's own clock.
//
// Plain values, filled by session's watch, read by judge and report. What was not observed is NaN: a gap, never a zero.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/result/probe_metrics.h"

namespace loadlab {

inline constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

// Over the measured part of a test, without its warm-up; exact, also where samples were merged. With no sample all but
// `samples` are NaN.
struct MetricSummary {
  std::uint64_t samples = 0;  // gaps not counted
  double average = kGap;      // a rate's: its whole increase by the time in which it was seen
  double lowest = kGap;
  double highest = kGap;
  double first = kGap;
  double last = kGap;
  double increase = kGap;  // a rate's: by how much its counter grew, in `unit` x seconds; a gauge's: last - first
};

struct MetricSeries {
  std::string name;  // as in probe_metrics.h; of a Prometheus endpoint its own
  std::string unit;
  MetricKind kind = MetricKind::gauge;
  std::vector<double> values;  // one for each time of the series it belongs to
  MetricSummary summary;
};

// From when to when a probe said nothing, and why.
struct ProbeGap {
  double from_seconds = 0;
  double to_seconds = 0;
  std::string reason;
};

// One watched thing, or a part of it.
struct ProbeSeries {
  // No more samples than these are kept: beyond, neighbours are merged into their mean, so that a run of a week takes
  // no more memory than one of an hour, and a plot has no more points than a screen.
  static constexpr std::size_t kMostSamples = 2048;

  std::string probe;       // process, machine, cgroup, postgresql, pgbouncer, redis or prometheus
  std::string label;       // which one: "costagent (pid 4242)", "postgresql://app@db/shop"; never with a password
  std::string part;        // empty: all of it together; else "worker 4243", "core 0"
  double interval = 0;     // seconds between two samples, after merging
  std::vector<double> at;  // when each sample was taken: seconds since the test's start, ascending
  std::vector<MetricSeries> metrics;
  std::vector<ProbeGap> gaps;  // of the thing as a whole, with its first part only

  bool is_whole() const { return part.empty(); }
  // Nothing where the probe has no such metric.
  const MetricSeries* find(std::string_view metric) const;
};

// The wholes of one kind of probe, in the order in which they were named; there may be several databases.
std::vector<const ProbeSeries*> wholes_of(const std::vector<ProbeSeries>& all, std::string_view probe);
// The parts of a whole: its workers, its cores.
std::vector<const ProbeSeries*> parts_of(const std::vector<ProbeSeries>& all, const ProbeSeries& whole);

// Something listed by name rather than over time: the statements of a database, the commands of a Redis.
struct ProbeTable {
  struct Row {
    std::string name;
    std::vector<double> values;
  };
  static constexpr std::size_t kMostRows = 20;  // more is nobody's "top"

  std::string probe;
  std::string label;
  std::string title;                 // "statements by total time"
  std::vector<std::string> columns;  // of the values, with their unit: "calls", "total ms"
  std::vector<Row> rows;             // the greatest first
};

}  // namespace loadlab
