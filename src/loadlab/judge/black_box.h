// What may have been the cause, as it looks from outside: from probes of the system and the shape of the load's
// answers.
#pragma once

#include <vector>

#include "loadlab/judge/bottleneck.h"

namespace loadlab {

// Unranked, each with a score up to 0.95.
std::vector<Candidate> outside_candidates(const Test& plan, const TestResult& test, const HighLoad& high,
                                          Pressure pressure);

// The share of requests that were refused for their number (429), and for want of room (503).
double share_of(const TestResult& test, Fault fault);

// Connections that were refused a place in an accept queue, a second; or that took as long as a lost first packet.
bool accept_queue_was_full(const Test& plan, const TestResult& test, const HighLoad& high);

}  // namespace loadlab
