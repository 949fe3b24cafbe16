// A target that goes down, or hangs, and does not come back within the test.
//
// Users who wait for their answers ask nothing more of a target that hangs: a few errors are all that shows of it in
// percentiles and rates ("coordinated omission", Tene 2013). So it is looked for as such.
#pragma once

#include <optional>

#include "loadlab/result/result.h"

namespace loadlab {

struct Silence {
  double from = 0;     // seconds since the test's start: the end of the last one with an answer
  double seconds = 0;  // until the end of the load
};

// Shorter than this, a pause of the target is what percentiles are for.
inline constexpr double kShortestSilence = 3;
// So many times the longest answer before: what answers slowly is not silent.
inline constexpr double kSilenceByAnswer = 10;

// None where the target answered to the end (an answer is one of any status below 500), or never did, or nothing was
// asked of it since but what it never had answered, as long polls. Pure; safe from any thread.
std::optional<Silence> silence_at_end(const TestResult& test);

// Broken, as a threshold that every plan has.
ThresholdOutcome outcome_of(const Silence& silence);

}  // namespace loadlab
