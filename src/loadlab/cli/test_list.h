// What a plan holds, for people.
#pragma once

#include <string>

#include "loadlab/plan/plan.h"

namespace loadlab {

// A line for each test: its name, tags, load and length, by the file that it stands in; at the end how long all of
// them take. What is done around a load, and drains, are not known before they are played, and so are not in it.
std::string test_list(const Plan& plan);

// How long a test is known to take: over all points of a sweep.
base::Nanoseconds expected_time(const Test& test);

}  // namespace loadlab
