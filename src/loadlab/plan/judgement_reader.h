// Reads what a plan says of how a test is judged besides its thresholds: `leaks`, `bottleneck`, `allowed_send_lag`
// and `allowed_steal`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "loadlab/plan/cause_metrics.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/leak_rules.h"
#include "loadlab/plan/threshold.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

inline constexpr std::string_view kAllowanceKeys[] = {"allowed_send_lag", "allowed_steal"};

// `off`, or a map of what counts as a leak.
LeakRules read_leaks(const YamlEntry& entry, Complaints& complaints);

// A map of causes to maps of roles to names of metrics.
CauseMetrics read_causes(const YamlEntry& entry, Complaints& complaints);

// A duration of which ten go into each bound on a time that is among the thresholds; nothing if it isn't, with a
// complaint.
std::optional<base::Nanoseconds> read_allowed_send_lag(const YamlEntry& entry, const std::vector<Threshold>& thresholds,
                                                       Complaints& complaints);

// A percentage, of the machine's time; nothing if it isn't, with a complaint.
std::optional<double> read_allowed_steal(const YamlEntry& entry, Complaints& complaints);

}  // namespace loadlab
