// What a target's own metrics say of why it was slow.
//
// Read are the series of the Prometheus probes: by the names that the plan gives (`bottleneck`), else by the usual
// ones, a name counting whatever its labels, and its series added up. For each cause:
//
//   pool         `used` of `size`, and `waiting` for one
//   lock, disk, downstream   `time` spent waiting, of the time that all requests took
//   queue        `length` of `limit`
//   rate limit   `refused` requests, of all
#pragma once

#include <string>
#include <vector>

#include "loadlab/judge/bottleneck.h"

namespace loadlab {

// Those that were in use enough to be a cause; their scores are from 0.9 to 1, above anything a black box can be sure
// of.
std::vector<Candidate> own_candidates(const Test& plan, const TestResult& test, const HighLoad& high);

// The usual names, which no endpoint's other metrics may crowd out.
std::vector<std::string> usual_names();

// The metrics that the plan names and no Prometheus probe read: a name may be mistyped.
std::vector<std::string> unread_causes(const Test& plan, const TestResult& test);

}  // namespace loadlab
