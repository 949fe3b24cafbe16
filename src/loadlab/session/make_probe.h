// The probe for what a plan names.
#pragma once

#include <memory>

#include "loadlab/plan/plan.h"
#include "loadlab/probe/probe.h"
#include "loadlab/probe/process_finder.h"

namespace loadlab {

// Of anything but a process. Of an endpoint's many metrics those are wanted before all others that the test names: in a
// threshold, as what may leak, or as a cause. `cores` is the machine's.
std::unique_ptr<Probe> make_probe(const Watch& watch, const Test& test, int cores);

// Of a process that runs already.
ProcessFinder finder_of(const Watch& watch);

}  // namespace loadlab
