// What was planted, as JSON.
#pragma once

#include <string>
#include <vector>

#include "costagent/sample/world.h"

namespace costagent {

// One customer's part of truth.json.
std::string truth_of(const World& world);

}  // namespace costagent
