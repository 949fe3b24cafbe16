// Reads what must hold: the list under `thresholds`.
#pragma once

#include <string>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/threshold.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Each threshold that names a step must name one of `steps`; where there are none, as the steps themselves could not be
// read, any name will do.
std::vector<Threshold> read_thresholds(const YamlEntry& entry, const std::vector<std::string>& steps,
                                       Complaints& complaints);

}  // namespace loadlab
