// Reads one test of a plan.
#pragma once

#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/step_reader.h"
#include "loadlab/plan/sweep_reader.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/variables.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// What holds for every test of a plan.
struct PlanContext {
  const YamlNode* defaults = nullptr;  // the map under `defaults`, if there is one
  const YamlEntry* target = nullptr;   // the plan's own `target`, if there is one
  // `variables`, `data` and `headers` of the plan, and of its defaults, from the widest to the narrowest.
  std::vector<const YamlEntry*> variables{};
  std::vector<const YamlEntry*> data{};
  std::vector<const YamlEntry*> headers{};
  std::string_view target_override;         // --target: replaces every test's
  const Variables* ports = nullptr;         // the plan's own `ports`, as constants
  const PointValues* point = nullptr;       // of the sweep whose point is read; they win over all other variables
  std::string folder;                       // of the plan's file, which other files are named from
  DataFiles* files = nullptr;               // those that `data` names; never null
  OutsideVariables* outside = nullptr;      // never null
  TextBudget* budget = nullptr;             // what all requests of the plan may take; never null
  std::vector<std::string_view> more_keys;  // keys that the map may hold besides a test's own
};

const std::vector<std::string_view>& test_keys();

// `map` holds the test's own keys; what it leaves out comes from the context. The result is sound only if there are no
// complaints. It has no name if the map gives none.
Test read_test(const YamlNode& map, const PlanContext& context, Complaints& complaints);

// The maps under `defaults`: keys that no test has are complained of.
void check_defaults(const YamlNode& defaults, Complaints& complaints);

inline constexpr std::int64_t kMostThreads = 256;

inline constexpr std::string_view kReasonOfThreads = "more threads than cores only disturb each other";

}  // namespace loadlab
