#include "loadlab/session/make_probe.h"

#include <cassert>

#include "loadlab/judge/own_metrics.h"
#include "loadlab/probe/cgroup_probe.h"
#include "loadlab/probe/machine_probe.h"
#include "loadlab/probe/postgres_probe.h"
#include "loadlab/probe/prometheus_probe.h"
#include "loadlab/probe/redis_probe.h"

namespace loadlab {
namespace {

std::vector<std::string> wanted_of(const Test& test) {
  std::vector<std::string> names = usual_names();
  for (const Threshold& threshold : test.thresholds) {
    if (threshold.metric == Metric::probed && threshold.probe == "prometheus") names.push_back(threshold.probed);
  }
  for (const auto& [name, slope] : test.leaks.metrics) names.push_back(name);
  for (const auto& [key, name] : test.causes) names.push_back(name);
  return names;
}

}  // namespace

std::unique_ptr<Probe> make_probe(const Watch& watch, const Test& test, int cores) {
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
      return std::make_unique<PrometheusProbe>(watch.text, watch.label, wanted_of(test));
    case Watch::Kind::query:
      return std::make_unique<PrometheusQueryProbe>(watch.text, watch.label, watch.name, watch.query,
                                                    test.watch_interval);
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
