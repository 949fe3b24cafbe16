// Reads what a plan says of how a test is judged besides its thresholds: `leaks` and `bottleneck`.
#pragma once

#include "loadlab/plan/cause_metrics.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/leak_rules.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// `off`, or a map of what counts as a leak.
LeakRules read_leaks(const YamlEntry& entry, Complaints& complaints);

// A map of causes to maps of roles to names of metrics.
CauseMetrics read_causes(const YamlEntry& entry, Complaints& complaints);

}  // namespace loadlab
