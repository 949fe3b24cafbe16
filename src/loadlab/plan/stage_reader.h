// Reads the levels of a load: a rate, or a list of stages.
#pragma once

#include <optional>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/level_profile.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

struct StageList {
  std::vector<Stage> stages;
  bool open = false;  // rates, not users
};

// A steady rate is above zero; a stage may end at none.
inline constexpr double kShortestRate = 1e-9;

// `500/s`, from `lowest` up to the highest rate.
std::optional<double> read_rate(const YamlEntry& entry, double lowest, Complaints& complaints);

// A list of maps, each with `duration`, `users` or `rate`, and `ramp` if wanted. None where something was wrong.
std::optional<StageList> read_stages(const YamlEntry& entry, Complaints& complaints);

}  // namespace loadlab
