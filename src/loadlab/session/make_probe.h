// The probe for what a plan names.
#pragma once

#include <memory>
#include <vector>

#include "loadlab/plan/plan.h"
#include "loadlab/probe/probe.h"
#include "loadlab/probe/process_finder.h"

namespace loadlab {

// Of anything but a process. The thresholds say which of an endpoint's many metrics are wanted before all others.
std::unique_ptr<Probe> make_probe(const Watch& watch, const std::vector<Threshold>& thresholds,
                                  base::Nanoseconds interval, int cores);

// Of a process that runs already.
ProcessFinder finder_of(const Watch& watch);

}  // namespace loadlab
