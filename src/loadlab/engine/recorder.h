// What one worker has counted since it last handed over. Not thread-safe: it belongs to the worker, then to the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loadlab/result/tally.h"

namespace loadlab {

// How many of each there are in a test.
struct RecorderShape {
  std::size_t steps = 0;
  std::size_t groups = 0;
  std::size_t stages = 0;  // of all loads; none where no load has more than one
};

struct Recorder {
  explicit Recorder(RecorderShape shape) : steps(shape.steps), groups(shape.groups), stages(shape.stages) {}

  std::vector<Tally> steps;        // what was planned for after the warm-up
  std::vector<GroupTally> groups;  // passes that were begun after the warm-up
  std::vector<Tally> stages;       // the same requests again, by stage
  Tally warm_up;                   // what was planned for within it
  Tally user_setup;                // requests of users' set-ups, in none of the others
  Tally user_teardown;
  Openings openings;
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
    for (GroupTally& tally : groups) tally.clear();
    for (Tally& tally : stages) tally.clear();
    warm_up.clear();
    user_setup.clear();
    user_teardown.clear();
    openings.clear();
    iterations = 0;
    dropped = 0;
    late_wakes = 0;
    latest_wake = base::Nanoseconds{0};
  }
};

}  // namespace loadlab
