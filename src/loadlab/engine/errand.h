// Plays a run's set-up or teardown: its steps once, one after the other, on a connection of their own.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "loadlab/engine/value_sources.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Blocks until all steps are done or one has failed, which ends it. Once `stop` is set it goes on for `grace` at most.
// `values` holds what errands before it captured, by slot, and gets what this one captures; `sources` gives what else
// its variables get, as to the load's first user.
ErrandResult play_errand(const Test& test, const Errand& errand, const std::atomic<bool>& stop, base::Nanoseconds grace,
                         ValueSources& sources, std::vector<std::string>& values);

}  // namespace loadlab
