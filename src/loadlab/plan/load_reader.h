// Reads the loads of a test: those under `loads`, or the one that the test's own keys say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/step_reader.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

inline constexpr std::int64_t kMostUsers = 100'000;
inline constexpr double kHighestRate = 1e6;
inline constexpr Nanoseconds kShortestTest = std::chrono::milliseconds(1);
inline constexpr Nanoseconds kLongestTest = std::chrono::hours(7 * 24);

inline constexpr std::string_view kReasonOfUsers = "each holds a connection, and an address has some 64,000 ports";
inline constexpr std::string_view kReasonOfDuration = "a week is the longest test";

// The keys by which a load is said. A test may hold them itself, or each item under its `loads`.
const std::vector<std::string_view>& load_keys();

// Where a test's loads are read from.
struct LoadSource {
  const YamlNode& test;      // the test's own map
  const YamlNode* defaults;  // what the plan says of every test; may be null
  std::string folder;        // of the plan's file, which other files are named from
};

// What loads there are, with their journeys; `names` gets those of all steps and groups. Sound only if nothing was
// complained of.
std::vector<Load> read_loads(const LoadSource& source, const StepDefaults& defaults, Names& names,
                             Complaints& complaints);

}  // namespace loadlab
