// Plays a run's set-up or teardown: its steps once, one after the other, on a connection of their own.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "loadlab/net/address.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Blocks until all steps are done or one has failed, which ends it. Once `stop` is set it goes on for `grace` at most.
// `values` holds what errands before it captured, by slot, and gets what this one captures.
ErrandResult play_errand(const Test& test, const Errand& errand, const Address& address, const std::atomic<bool>& stop,
                         base::Nanoseconds grace, std::vector<std::string>& values);

}  // namespace loadlab
