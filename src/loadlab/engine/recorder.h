// What one worker has counted since it last handed over. Not thread-safe: it belongs to the worker, then to the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loadlab/result/tally.h"

namespace loadlab {

struct Recorder {
  explicit Recorder(std::size_t tallies) : steps(tallies) {}

  std::vector<Tally> steps;
  std::uint64_t iterations = 0;
  std::uint64_t dropped = 0;
  std::uint64_t late_wakes = 0;
  base::Nanoseconds latest_wake{0};

  // What was due came up so much later. A millisecond is as much as the kernel may take on its own.
  void note_wake(base::Nanoseconds late) {
    if (late <= std::chrono::milliseconds(1)) return;
    ++late_wakes;
    latest_wake = std::max(latest_wake, late);
  }

  void clear() {
    for (Tally& tally : steps) tally.clear();
    iterations = 0;
    dropped = 0;
    late_wakes = 0;
    latest_wake = base::Nanoseconds{0};
  }
};

}  // namespace loadlab
