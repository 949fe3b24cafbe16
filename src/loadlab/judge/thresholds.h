// Whether a plan's thresholds hold. Pure functions, safe from any thread.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/threshold.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Whether what was observed keeps the bound, and by how much of it.
void settle(ThresholdOutcome& outcome, Comparison comparison);

// Measures a threshold on a test. Times count every request that is in the histogram, failed ones too: a time-out is
// what a user waited.
//
// Nothing is observed, and the threshold does not pass, where there is nothing to measure it on: no request of its
// step, no watched target. The margin is (bound - observed) / bound for an upper bound and its negative for a lower
// one; there is none for a bound of zero.
ThresholdOutcome evaluate(const Threshold& threshold, const TestResult& test);

// A test is not ended on fewer requests (of the threshold's step, if it names one): one failure in ten says little
// about a bound of 5 %, and of 50 requests the worst two decide a p95.
inline constexpr std::uint64_t kFewestRequestsToAbort = 50;

// The first threshold with `abort` that is broken `elapsed` after the test's start and past its grace, if one is; its
// outcome is marked as the one that ended the test. Lower bounds never end a test, as they may still be met. Bounds on
// the target and on counts, which don't need many requests to be sure of, wait only for the time.
std::optional<ThresholdOutcome> should_abort(const std::vector<Threshold>& thresholds, const TestResult& so_far,
                                             base::Nanoseconds elapsed);

}  // namespace loadlab
