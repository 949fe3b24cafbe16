// From a test's target to where its connections go.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/net/destination.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

struct Reached {
  Destination destination;
  std::optional<base::Nanoseconds> resolving;  // how long the name took; none where there was no name to resolve
};

// Resolves the target's name, sets TLS up, and tries all its addresses. Blocks, and is called before the load. Fails,
// saying what to do, where none can be reached (unavailable) or a setting can't be used (invalid).
base::Result<Reached> reach(const Test& test);

}  // namespace loadlab
