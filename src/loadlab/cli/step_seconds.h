// What each step of a test did within a second, out of what it did since the test's start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadlab/history/step_block.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// Of several workers one may be a second ahead of another; its answers are then in the earlier second. Not thread-safe.
class StepSeconds {
 public:
  // Of a test; more would make a comparison blind rather than thorough. The first ones count.
  static constexpr std::size_t kMostSteps = 50;

  // Another test begins, or this one anew.
  void clear() { seen_.clear(); }
  // What has come since the last call, without steps to which nothing has. None of a test with a single step, which
  // does what the test does.
  std::vector<StepBlock> next(const std::vector<StepTally>& so_far);

 private:
  struct Seen {
    std::uint64_t requests = 0;
    std::uint64_t failed = 0;
    std::vector<std::uint64_t> responses;  // by bucket
  };
  std::vector<Seen> seen_;  // by step
};

}  // namespace loadlab
