// What a target came to under its load, and what saturated first.
//
// The black-box view needs no word of the target. It compares the answers under the highest load with the unhurried
// ones (the fastest second's median, or the fastest hundredth of all), and counts by Little's law (1961) how many
// requests were served at once when the rate no longer rose: rate × unhurried time. About one is a lock or a single
// worker, a small whole number a pool, as many as there are users a wait for something that doesn't queue.
//
//   limited     more than 5 % of the requests were refused with 429 or 503
//   saturated   answers took at least half as long again, connections waited to be accepted, or something was plainly
//               in use all the time: the CPU, one worker, or what the target's own metrics tell
//   waiting     answers didn't, but took 50 ms and more, or all the time of users who never think, with little CPU used
//               and no core at work all the time
//   none        there was room, as far as can be told: a load that is the same throughout doesn't show how answers
//               slow down
//
// The candidates are ranked by how much speaks for each: by the CPU of the whole, of its workers and of the machine, by
// disk, network and accept queue as probes saw them, and by that number served at once. Where the target's own metrics
// tell a pool, a lock, a queue, a disk or a downstream (own_metrics.h), that is exact, and comes first.
#pragma once

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

inline constexpr double kRefusedShare = 0.05;
inline constexpr double kSlowdown = 1.5;
// What serves fewer at once on the average (Little 1961) has its one place free for a third of the time: if its answers
// are slower under load, it is not for a queue.
inline constexpr double kFewestAtOnce = 0.7;
inline constexpr double kLongWaitMs = 50;
// Of an answer's time: below it the target was mostly not at work.
inline constexpr double kSmallCpuShare = 0.25;
// Of the machine: what is left are the moments between two pieces of work.
inline constexpr double kFullMachinePercent = 85;

// `test.trust` is judged already. Pure; safe from any thread.
Bottleneck judge_bottleneck(const Test& plan, const TestResult& test);

// The part of a test with the highest load, and what it was like: what all evidence is about.
struct HighLoad {
  double from = 0;  // seconds since the test's start; empty if `to` is not above it
  double to = 0;
  double rate = 0;          // answers a second
  double response_ms = 0;   // the median of its seconds' medians
  double unhurried_ms = 0;  // the fastest of the seconds with few users; of all seconds where none had few
  bool compared = false;    // some had few
  double users = 0;         // at work at once
  // The target's, of the whole machine, by the test's own seconds; none where it wasn't watched.
  std::optional<double> cpu_percent{};
  double parallel() const { return rate * unhurried_ms / 1000; }
  double slowdown() const { return unhurried_ms > 0 ? response_ms / unhurried_ms : 1; }
};
HighLoad high_load(const TestResult& test);

// The average of a metric within the high load; none without any value there.
std::optional<double> average_within(const ProbeSeries& series, std::string_view metric, const HighLoad& high);

}  // namespace loadlab
