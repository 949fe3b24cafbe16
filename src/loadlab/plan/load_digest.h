// What a test puts on its target, as a short text: the same for two tests that send the same.
#pragma once

#include <string>

#include "loadlab/plan/plan.h"

namespace loadlab {

// A version, a colon and 32 hexadecimal digits. Of different versions two say nothing of each other. It covers the
// load's stages, journeys, requests, times to think and data by their names, for a sweep those of every point; not the
// target, thresholds, checks, names, nor what may differ from run to run of the same load: secrets, the values of
// headers that carry them, and the test's own free ports. Empty of a benchmark, which has no load. Pure.
std::string load_digest(const Test& test);

}  // namespace loadlab
