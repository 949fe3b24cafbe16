// How much of the job queue is used at a moment, and what a process has done for it, for those who watch it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace costagent {

// What an attempt came to. `retried`: it failed, and is made again. `lost`: another worker has taken the job over.
enum class AttemptOutcome { done, retried, failed, cancelled, given_back, lost };
inline constexpr auto kAttemptOutcomes =
    std::to_array<std::string_view>({"done", "retried", "failed", "cancelled", "given_back", "lost"});

struct JobUse {
  // Of all processes that share the queue.
  std::size_t queued = 0;
  std::size_t running = 0;
  std::size_t failed = 0;
  base::Nanoseconds oldest{};  // how long the oldest of the queued ones has been there; zero without one
  // Of this process, by AttemptOutcome, since its start.
  std::array<std::uint64_t, kAttemptOutcomes.size()> attempts{};
};

}  // namespace costagent
