// The load models: who comes, and when.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/delay.h"
#include "loadlab/plan/level_profile.h"

namespace loadlab {

// Users who wait for their answers. As many are at work as the profile says, fractions rounded up; who is one too many
// leaves after the step it is at.
struct ClosedLoad {
  LevelProfile users;
  std::optional<std::uint64_t> iterations;         // of each user, who then leaves
  std::optional<std::uint64_t> shared_iterations;  // of all users together
};

enum class Arrivals {
  poisson,  // at random, as people come who know nothing of each other
  uniform,  // evenly
  replay,   // at times that were read from a file
};

// Arrivals that come whether or not answers do.
struct OpenLoad {
  LevelProfile rate;  // iterations a second; not used by a replay
  Arrivals arrivals = Arrivals::poisson;
  std::shared_ptr<const std::vector<base::Nanoseconds>> times{};  // of a replay: since the load's start, ascending
  // Iterations that may run at once, each on a connection of its own; an arrival beyond it waits for one to end.
  int max_users = 1000;
  // Arrivals that may wait so; one beyond it is dropped, and counted.
  int max_waiting = 100'000;
};

}  // namespace loadlab
