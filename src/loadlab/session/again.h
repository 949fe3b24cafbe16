// What becomes of a test whose result can't be trusted: it is played again.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "loadlab/result/result.h"

namespace loadlab {

// Plays, and as long as the generator itself bent the result, and nobody wants it to stop, again, at most so many times
// more. The last result is the one; it has a note where it isn't the first. A target that is slow, or fails, is no
// reason to try again: nothing but trust is looked at.
TestResult play_until_trusted(const std::function<TestResult()>& play, int again, const std::atomic<bool>& stop);

// The same of many: those that can't be trusted are played again when all have been, as what disturbs a machine may
// last. `play` makes the result of an index, if that `may` be played again.
void play_again_later(std::vector<TestResult>& results, const std::function<TestResult(std::size_t)>& play,
                      const std::function<bool(std::size_t)>& may, int again, const std::atomic<bool>& stop);

}  // namespace loadlab
