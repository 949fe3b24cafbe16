// Whether the generator itself could have bent what a test measured.
//
// The response time counts from the plan, and so holds whatever lag the generator adds between the moment a request
// could be sent and the moment it was. That lag is measured for every request, and bends its response time by no more
// than itself. So it is the measured lag that decides, and not how busy the machine looks: a generator that shares its
// cores with the target and is never late is right, and one that is late on an idle machine is wrong.
//
// The rule. A test is untrusted if at least `kFewestLateSends` sends were late, and one of these holds:
//   - the p99 of send lag is above max(1 ms, 10 % of the p99 of response time): percentiles up to p99 are bent;
//   - the mean of send lag is above max(1 ms, 10 % of the mean of response time): rare stalls that no p99 sees can
//     still bend an average.
// A send is late if its lag is above the first of these two bounds.
//
// What is said but decides nothing (notes): a tail lag that bends only p99.9 and the maximum; too few late sends to
// decide on; a worker that was nearly busy all the time; and its worst form, a closed model without think time on a
// worker without time to spare. There the generator's own queueing hides: an answer lies unread in the socket and
// counts as service time, and the next request waits for it instead of being late. No lag can show that, so a reader
// must know.
#pragma once

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Below a millisecond lag is the kernel's scheduling, and no bound of a plan is that narrow.
inline constexpr double kSendLagFloorMs = 1.0;
// A tenth: as much as two runs of one test differ by themselves on shared machines.
inline constexpr double kSendLagShare = 0.10;
// A p99 of fewer than 100 requests is their maximum: one hiccup of the kernel is no pattern.
inline constexpr std::uint64_t kFewestLateSends = 5;
// Above it bursts of work queue in the generator (at 90 % of a core the mean queue of M/M/1 is 9).
inline constexpr double kBusyWorkerPercent = 90.0;
// A closed loop without think time drives a worker to what the target leaves it; this much is no time to spare.
inline constexpr double kFullWorkerPercent = 97.0;
// Above it the target, of the whole machine, is what limits a closed loop, whatever the generator does.
inline constexpr double kSaturatedTargetPercent = 90.0;

// From the test's tallies, resources and drops, what the plan says of its load, and the busiest worker's share of a
// core over the test (0 to 100). Pure; safe from any thread.
Trust judge_trust(const Test& plan, const TestResult& test, double busiest_worker_percent);

}  // namespace loadlab
