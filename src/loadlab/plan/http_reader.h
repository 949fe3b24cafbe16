// Reads what stands under `http` in a plan: how HTTP is spoken.
#pragma once

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// A version alone, as in `http: 2`, or a map of `version` and what belongs to it: `streams`, or `connection` and
// `pipeline`.
Http read_http(const YamlEntry& entry, Complaints& complaints);

}  // namespace loadlab
