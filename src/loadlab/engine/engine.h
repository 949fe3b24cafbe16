// Carries out one test: starts the workers, puts together what they count, and says how it goes, second by second.
#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/net/address.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Told about every second once all workers have reported it: what was counted so far, with that second as the last of
// the series, and that second's own times, which are gone after the call. It may fill in what the engine does not know
// (the target's resources). False ends the test. Called on the thread that runs the load.
using OnSecond = std::function<bool(TestResult& so_far, const Timings& second)>;

// How many worker threads a test gets when it doesn't say: half of the cores, since the target is often on the same
// machine, and no more than there are users.
int default_workers(const Test& test, int cores);

// Where the test's target answers. Fails with `unavailable` when nothing can be reached there.
base::Result<Address> reachable_address(const Test& test);

// Blocks until the test is over, or until `stop` is set and what was in flight is drained; users who were set up are
// torn down behind that, for as long again at most. `setup_values` is what the run's set-up captured, by slot. Fills
// the load's part of a TestResult: counts, times, steps and series. Fails with `unavailable` when the target can't be
// reached before the load begins, and with `io` when the machine has no descriptors or threads for it.
base::Result<TestResult> run_load(const Test& test, const base::Clock& clock, const std::atomic<bool>& stop,
                                  const OnSecond& on_second, const std::vector<std::string>& setup_values = {});

}  // namespace loadlab
