// How much a test must have measured to be compared with others (comparison.h). Pure.
#pragma once

#include <cstddef>
#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Whole seconds of a load, without its warm-up and the last: with fewer nothing is known of their scatter.
inline constexpr std::size_t kFewestSeconds = 8;
// Of a benchmark or a sweep's points, and of what earlier runs have once each: the same.
inline constexpr std::size_t kFewestSamples = 3;

// Why no comparison will look at some tests of a run, as a sentence for whoever has just played it: "too short to be
// compared: 'a' (5 of 8 whole seconds)". Empty where all measured enough; what was not carried out, or is untrusted, is
// left out for that.
std::string too_short_to_compare(const RunResult& run);

}  // namespace loadlab
