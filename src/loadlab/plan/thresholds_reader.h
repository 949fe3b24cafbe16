// Reads what must hold: the list under `thresholds`.
#pragma once

#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/step_reader.h"
#include "loadlab/plan/threshold.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Each threshold that names a step or a group must name one of these; where there are no steps, as they themselves
// could not be read, any name will do.
std::vector<Threshold> read_thresholds(const YamlEntry& entry, const Names& names, Complaints& complaints);

// The `severity` and `reason` of a map, where it has them.
void read_severity(const YamlNode& map, Severity& severity, std::string& reason, Complaints& complaints);

}  // namespace loadlab
