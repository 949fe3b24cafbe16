// Reads how a test's connections are made.
#pragma once

#include <functional>
#include <string>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// The entry of a key, of the test or of the defaults; null if neither has it.
using FindEntry = std::function<const YamlEntry*(std::string_view key)>;

inline constexpr std::string_view kNetworkKeys[] = {"tls", "addresses", "source_addresses", "keep_alive"};

// `folder` is the plan's: files are named from there.
Network read_network(const FindEntry& find, const std::string& folder, Complaints& complaints);

}  // namespace loadlab
