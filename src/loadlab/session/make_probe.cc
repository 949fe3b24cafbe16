#include "loadlab/session/make_probe.h"

#include <cassert>

#include "loadlab/probe/cgroup_probe.h"
#include "loadlab/probe/machine_probe.h"
#include "loadlab/probe/postgres_probe.h"
#include "loadlab/probe/prometheus_probe.h"
#include "loadlab/probe/redis_probe.h"

namespace loadlab {
namespace {

std::vector<std::string> wanted_of(const std::vector<Threshold>& thresholds) {
  std::vector<std::string> names;
  for (const Threshold& threshold : thresholds) {
    if (threshold.metric == Metric::probed && threshold.probe == "prometheus") names.push_back(threshold.probed);
  }
  return names;
}

}  // namespace

std::unique_ptr<Probe> make_probe(const Watch& watch, const std::vector<Threshold>& thresholds,
                                  base::Nanoseconds interval, int cores) {
  switch (watch.kind) {
    case Watch::Kind::cgroup:
      return std::make_unique<CgroupProbe>(watch.text, cores);
    case Watch::Kind::postgresql:
      return std::make_unique<PostgresProbe>(watch.text, watch.label);
    case Watch::Kind::pgbouncer:
      return std::make_unique<PgbouncerProbe>(watch.text, watch.label);
    case Watch::Kind::redis:
      return std::make_unique<RedisProbe>(watch.text, watch.label);
    case Watch::Kind::prometheus:
      return std::make_unique<PrometheusProbe>(watch.text, watch.label, wanted_of(thresholds));
    case Watch::Kind::query:
      return std::make_unique<PrometheusQueryProbe>(watch.text, watch.label, watch.name, watch.query, interval);
    default:
      assert(watch.kind == Watch::Kind::machine);
      return std::make_unique<MachineProbe>();
  }
}

ProcessFinder finder_of(const Watch& watch) {
  switch (watch.kind) {
    case Watch::Kind::port:
      return processes_listening_on(static_cast<std::uint16_t>(watch.number));
    case Watch::Kind::name:
      return processes_named(watch.text);
    default:
      assert(watch.kind == Watch::Kind::pid);
      return process_with_number(watch.number);
  }
}

}  // namespace loadlab
