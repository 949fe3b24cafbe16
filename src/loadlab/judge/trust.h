// Whether the generator itself could have bent what a test measured.
//
// The response time counts from the plan, and so holds whatever lag the generator adds between the moment a request
// could be sent and the moment it was. That lag is measured for every request, and bends its response time by no more
// than itself. So it is the measured lag that decides, and not how busy the machine looks: a generator that shares its
// cores with the target and is never late is right, and one that is late on an idle machine is wrong.
//
// The rules. A test is untrusted if one of these holds:
//   - lateness: at least `kFewestLateSends` sends were late, and the p99 of send lag is above max(1 ms, 10 % of the p99
//     of response time), so that percentiles up to p99 are bent, or the mean of send lag is above max(1 ms, 10 % of the
//     mean of response time), as rare stalls that no p99 sees can still bend an average. A send is late if its lag is
//     above the first of these two bounds. A plan whose own bounds on times are wide may allow more of p99 than 1 ms,
//     up to a tenth of the narrowest (`allowed_send_lag`): no threshold can be bent by it, and what it adds is told;
//   - failures of its own: more than 0.1 % of the requests failed for want of the generator's ports or descriptors;
//   - time-outs of its own: requests timed out, and a worker came to what was due later than 10 % of the time-out, so
//     that answers may have lain unread until then;
//   - drops of its own: an open model dropped arrivals while a worker had no time to spare and the target had;
//   - a schedule that was not kept: the iterations begun and dropped are not as many as an open model planned;
//   - steal: the machine's host took more than 5 % of its time for other guests. A plan may allow more, up to 20 %
//     (`allowed_steal`): steal makes times longer and rates lower, so that a lower bound that holds, an upper one of
//     which half is left, and one that is missed by a factor of two are what they are without it too. Any other outcome
//     makes the test untrusted all the same; and one that is trusted so is not compared with other runs.
//
// What is said but decides nothing (notes): a tail lag that bends only p99.9 and the maximum; too few late sends to
// decide on; what a generator costs that shares a busy machine with its target; a worker that was nearly busy all the
// time; and its worst form, a closed model without think time on a worker without time to spare. There the generator's
// own queueing hides: an answer lies unread in the socket and counts as service time, and the next request waits for it
// instead of being late. No lag can show that, so a reader must know.
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
// A tenth of the narrowest bound on errors that plans usually have, 1 %.
inline constexpr double kOwnFailureShare = 0.001;
// An answer that came in the last tenth of its time-out is rare enough to be a coincidence.
inline constexpr double kLateShareOfTimeout = 0.10;
// Where steal is trusted by the plan's allowance alone. Even a host that takes as much time as the machine uses makes
// things take twice as long.
inline constexpr double kFactorOfSteal = 2.0;
// Standard deviations that the number of a Poisson process's arrivals may be from its mean: one test in two million is.
inline constexpr double kPoissonDeviations = 5.0;
// Above it bursts of work queue in the generator (at 90 % of a core the mean queue of M/M/1 is 9).
inline constexpr double kBusyWorkerPercent = 90.0;
// A closed loop without think time drives a worker to what the target leaves it; this much is no time to spare.
inline constexpr double kFullWorkerPercent = 97.0;
// Above it the target, of the whole machine, is what limits a closed loop, whatever the generator does.
inline constexpr double kSaturatedTargetPercent = 90.0;
// Above it a target on the same machine would have gone faster without the generator beside it.
inline constexpr double kBusyMachinePercent = 85.0;
// Of the machine: what so small a generator takes away is lost in the noise of two runs.
inline constexpr double kSmallSharePercent = 5.0;

// From what the plan says of the load and what was measured: times, failures, drops, the generator, the target. Pure;
// safe from any thread.
Trust judge_trust(const Test& plan, const TestResult& test);

// How much too high a percentile of the response time may be, in milliseconds, given each request's send lag: the least
// bound there is for a few shares f of requests. All but f of them were late by at most L, the lag's percentile for
// 1 - f; so the percentile p of what a punctual generator would have seen is at least that of p - f, less L.
double percentile_error_ms(const Timings& timings, double percent);

}  // namespace loadlab
