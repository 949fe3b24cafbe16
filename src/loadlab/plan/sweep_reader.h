// Reads what a test is swept over, and what must hold between the points.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/step_reader.h"
#include "loadlab/plan/sweep.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

using PointValues = std::vector<std::pair<std::string, std::string>>;

// Every combination of the values under `sweep`, in the plan's order, the last variable's changing quickest. Empty if
// there is something wrong with it.
std::vector<PointValues> read_sweep(const YamlEntry& entry, OutsideVariables& outside, Complaints& complaints);

// What stands under `compare`; `names` are the test's steps and groups.
//
//   expression = METRIC at POINT comparison ( NUMBER UNIT | [NUMBER *] METRIC at POINT )
//   POINT      = NAME=VALUE, as many as tell one point from the others, with commas between them; a VALUE may hold
//                commas itself, and is then the longest of the variable's that stands there
std::vector<SweepThreshold> read_compare(const YamlEntry& entry, const std::vector<PointValues>& points,
                                         const Names& names, Complaints& complaints);

}  // namespace loadlab
