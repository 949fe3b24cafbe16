// Plays a sweep: all its points, again and again, each as a test of its own.
#pragma once

#include "loadlab/session/test_player.h"

namespace loadlab {

// Every repeat plays each point once, in an order of its own that follows from the test's seed: what changes on the
// machine while a sweep lasts is then no property of a point. What is around the test is set up and taken down for
// each. A point that can't be carried out ends the sweep, whose verdict is an error then; a note says what was left
// out.
TestResult play_sweep(const Test& test, const Playing& playing);

}  // namespace loadlab
