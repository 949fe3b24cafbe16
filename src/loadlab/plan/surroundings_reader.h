// Reads what a plan, or a test of it, does around a load: `ports`, `before`, `start`, `at`, `verify` and `after`.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/constants.h"
#include "loadlab/plan/surroundings.h"
#include "loadlab/plan/variables.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

inline constexpr auto kSurroundingsKeys =
    std::to_array<std::string_view>({"ports", "before", "start", "at", "verify", "after"});

// The value under a key, where there is one: of the test or, without its own, of the defaults.
using FindKey = std::function<const YamlEntry*(std::string_view key)>;

using NamedPorts = std::vector<std::pair<std::string, std::uint16_t>>;

// Each name under `ports` gets a free port, or the number that `-e` gives it, and becomes a constant in `into`.
NamedPorts read_ports(const YamlEntry& entry, OutsideVariables& outside, Variables& into, Complaints& complaints);

// All but the ports. `has_target`: a `ready` without a URL of its own has somebody to ask.
Surroundings read_surroundings(const FindKey& find, const Constants& constants, bool has_target,
                               Complaints& complaints);

// A command and its map's other keys, as they are elsewhere: under `benchmark`.
std::optional<Command> read_command(const YamlEntry& entry, const Constants& constants, Complaints& complaints);

}  // namespace loadlab
