// A test's load in words, for reports.
#pragma once

#include <string>

#include "loadlab/plan/plan.h"

namespace loadlab {

// "50 users for 30 s, ramp-up 5 s"; several loads are joined by "; ". Of a sweep the load of each point, or where that
// is swept too, of the first and the last.
std::string describe_load(const Test& test);

}  // namespace loadlab
