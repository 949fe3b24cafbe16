// What one worker has counted since it last handed over. Not thread-safe: it belongs to the worker, then to the engine.
#pragma once

#include <cstdint>
#include <vector>

#include "loadlab/result/tally.h"

namespace loadlab {

struct Recorder {
  explicit Recorder(std::size_t tallies) : steps(tallies) {}

  std::vector<Tally> steps;
  std::uint64_t iterations = 0;
  std::uint64_t dropped = 0;

  void clear() {
    for (Tally& tally : steps) tally.clear();
    iterations = 0;
    dropped = 0;
  }
};

}  // namespace loadlab
