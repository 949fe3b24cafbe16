// One text of metrics from several processes'.
#pragma once

#include <string>
#include <vector>

namespace costagent {

enum class MergeMetrics {
  all,
  counts_only,  // counters and histograms: what goes on counting when its process is gone
};

// Adds up what processes of one program say in Prometheus' text format 0.0.4, series by series: counters, histograms
// and gauges of what each has for itself. A gauge of what they have in common is the highest that any says: its
// family's name ends in `_info`, `_timestamp_seconds`, `_start_time_seconds` or `_max`, or begins with `shared_` or
// `jobs_`, or is `sqlite_wal_bytes`. Lines that are not of that format are left out. Pure and thread-safe.
std::string merge_metrics(const std::vector<std::string>& texts, MergeMetrics what);

}  // namespace costagent
