// Reads a plan's tests: those of its file, and those of the files that it includes.
#pragma once

#include <string>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/variables.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// `root` is the plan's own file, whose `path` is only its name where there is no file. What included files get wrong is
// among the complaints, under their own names. The result is sound only if there are none.
Plan read_suite(const YamlNode& root, const std::string& path, const Overrides& overrides, OutsideVariables& outside,
                Complaints& complaints);

}  // namespace loadlab
