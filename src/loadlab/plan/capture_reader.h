// Reads where a variable is taken from: one entry of the map under `capture`.
#pragma once

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Everything but its slot, which is the journey's to give.
Capture read_capture(const YamlEntry& entry, const Scope& scope, Complaints& complaints);

}  // namespace loadlab
