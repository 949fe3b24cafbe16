// What of a test counts as a leak.
#pragma once

#include <map>
#include <string>

#include "loadlab/plan/threshold.h"

namespace loadlab {

struct LeakRules {
  bool judged = true;
  Severity severity = Severity::fail;
  // The chance that a test of a target without any leak is told to have one, all that is judged together.
  double false_alarms = 0.01;
  // By resource (memory, descriptors, threads, connections, rows), the smallest slope an hour that counts, where the
  // plan says it: memory in MB.
  std::map<std::string, double> slopes;
  // Metrics of probes that are judged besides, by their own name, each with its smallest slope an hour.
  std::map<std::string, double> metrics;
};

}  // namespace loadlab
