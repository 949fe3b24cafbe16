// Whether a target keeps what it should give back: memory, descriptors, threads, connections, rows.
//
// Judged is the steady part of a test (steady_part.h), if it lasts long enough. What rises there is a leak if
//   - it rises more surely than chance does: by the Mann-Kendall test, with autocorrelation allowed for, or by the
//     number of rises from value to value, at a level of the plan's false alarms divided by the number of things judged
//     and by the two tests (Bonferroni 1936), and with Sen's interval above zero;
//   - by enough to count: by the slope that the plan states, and within the test by more than the grain in which things
//     come anyway (`kMemoryGrainMb`, `kCountGrain`);
//   - and goes on: the slope of the second half is at least half of the first's. What slows down to a quarter is a
//     cache that fills or a pool that warms up; in between the test was too short.
// A series that falls back now and then (an allocator's, a collector's, a log's) is judged by its troughs.
//
// By simulation of 2,000 series of 16 values each, at a level of 1 %, noise is called a leak in 0.2 % of them if its
// values are independent, in 1.4 % if neighbours correlate by 0.5, in 3.0 % by 0.9, and in 4.9 % of random walks.
//
// Where nothing rises the verdict is `none`, and says which slope would have been seen; only if the plan states a
// smaller one that counts is it undecided. A metric that the plan names and no probe reads is undecided too.
#pragma once

#include <span>

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Shorter than this, the start of a service and a leak look the same.
inline constexpr double kShortestSteadySeconds = 10;
// Of fewer values no rise is surer than a false alarm of 1 % split among five.
inline constexpr std::size_t kFewestLeakSamples = 9;
// Allocators get memory from the system by the 132 KB (glibc), threads' stacks and arenas come at once: less than this
// within a test is nobody's leak.
inline constexpr double kMemoryGrainMb = 0.5;
// A file that is opened now and then, a connection that is about to be closed.
inline constexpr double kCountGrain = 4;
// The smallest slopes that count, an hour, where the plan doesn't say. A month of them is 720 MB, or 7,200 descriptors.
inline constexpr double kMemorySlopeMb = 1;
inline constexpr double kCountSlope = 10;
// The share of the early slope that the late one keeps: from here on a rise goes on, up to there it has levelled off.
inline constexpr double kGoesOn = 0.5;
inline constexpr double kLevelledOff = 0.25;

// What of a test is judged. Pure; safe from any thread.
Leaks judge_leaks(const Test& plan, const TestResult& test);

// One level over time, at equal steps, for the rules above.
struct LeakQuestion {
  std::span<const double> values;  // gaps are not finite
  double interval = 1;             // seconds between two of them
  double grain = 0;                // the smallest rise within the test that counts
  double slope_per_hour = 0;       // the smallest slope that counts …
  bool slope_is_stated = false;    // … and the plan says so
  double chance = 0.01;            // of a false alarm
};

// Fills in everything of a finding but what it is about and its sentence; times count from the first value. `reason`
// is how it came to its verdict.
struct LeakAnswer {
  LeakFinding finding;
  std::string reason;
};
LeakAnswer judge_leak(const LeakQuestion& question);

}  // namespace loadlab
