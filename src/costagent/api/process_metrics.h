// What this process uses of the machine, under the names that every Prometheus client has for it.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace costagent {

// Adds process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds,
// process_max_fds and process_start_time_seconds, each with these labels. What can't be read is left out. Thread-safe.
void add_process_metrics(const std::vector<prometheus::ClientMetric::Label>& labels,
                         std::vector<prometheus::MetricFamily>& families);

}  // namespace costagent
