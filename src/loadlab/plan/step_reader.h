// Reads the journeys of a test and their steps.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/transfer_reader.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// A header of a test, kept as YAML until it meets a step, whose variables it may name.
using HeaderSource = std::vector<YamlEntry>;

// What a test says of every step.
struct StepDefaults {
  Delay think;
  Delay pacing{};
  HeaderSource headers;
  Variables variables;
  DataScope data;
  Transfer transfer{};
  std::vector<std::string> captured{};  // by slot: what set-ups before them hold
  OutsideVariables* outside = nullptr;  // the plan's
  TextBudget* budget = nullptr;         // the plan's
};

// A test of more steps is generated: its report would have more rows than anyone reads.
inline constexpr std::size_t kMostSteps = 1000;
inline constexpr std::size_t kMostJourneys = 100;

// What thresholds may name.
struct Names {
  std::vector<std::string> steps;
  std::vector<std::string> groups;
};

// What stands under `journeys`, or under `steps` as the one journey of the test. Steps that have something wrong are
// left out, with a complaint; `names` gets the names of all, so that thresholds can still be checked.
std::vector<Journey> read_journeys(const YamlEntry& entry, const StepDefaults& defaults, Names& names,
                                   Complaints& complaints);

// What stands under `setup`, `teardown`, `user_setup` or `user_teardown`.
Errand read_errand(const YamlEntry& entry, const StepDefaults& defaults, Complaints& complaints);

// A map of header names to values, checked for its form; a name that is in `into` already is replaced.
void read_headers(const YamlEntry& entry, HeaderSource& into, Complaints& complaints);

}  // namespace loadlab
