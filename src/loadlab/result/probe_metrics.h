// The catalogue of what probes read: every metric's name, unit and meaning, once. Plans name metrics in thresholds by
// it, probes write by it, reports take their units from it, and docs/plan.md lists it.
#pragma once

#include <span>
#include <string_view>

namespace loadlab {

enum class MetricKind {
  gauge,  // a level, as it was when it was read
  rate    // a counter's increase a second since the reading before
};

struct MetricForm {
  std::string_view probe;
  std::string_view name;
  std::string_view unit;  // of a value: "%", "MB" (10^6 bytes), "MB/s", "ms", "/s", or "" for a plain number
  MetricKind kind = MetricKind::gauge;
  std::string_view meaning;
};

// By probe:
//
//   process      a target's processes with all their children together; each process apart is a part, "worker 4243"
//   machine      the machine that loadlab runs on; its cores are parts, "core 0"
//   cgroup       a group of control group v2
//   postgresql   a server, and the database that is connected to
//   pgbouncer    the pools of a pgbouncer together; each is a part, "shop/app"
//   redis        a server
//   prometheus   none here: whatever the endpoint or the server has, by its own name
//
// CPU of processes, groups and the machine is of the whole machine: 100 % is every core busy (GLOSSARY.md).
std::span<const MetricForm> metric_catalogue();

// Nothing where there is no such metric.
const MetricForm* find_metric(std::string_view probe, std::string_view name);

}  // namespace loadlab
