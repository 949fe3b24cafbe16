// Reads what a step's answer must be like: the map under `check`.
#pragma once

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Texts that are compared with may name the scope's variables.
Check read_check(const YamlEntry& entry, const Scope& scope, Complaints& complaints);

// A regular expression; none, with a complaint, where the text is none. Takes its share of the scope's budget.
std::optional<Pattern> read_pattern(const YamlEntry& entry, const Scope& scope, Complaints& complaints);

}  // namespace loadlab
