// Keeps what is costly to read from being read too often.
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"

namespace loadlab {

// Each kind of reading takes at most a share of a core this way, whatever the target holds: all probes together are to
// stay below 1 %. Not thread-safe.
class CostLimit {
 public:
  static constexpr double kShare = 0.002;

  // Never more often than this, whatever it costs.
  explicit CostLimit(base::Nanoseconds least_pause = base::Nanoseconds{0}, double share = kShare)
      : least_pause_(least_pause), pause_by_cost_(1 / share) {}

  bool is_due(base::Nanoseconds now) const { return !next_ || now >= *next_; }

  // It was read, and took so much CPU time. A reading that comes with every second is still due a little early.
  void spent(base::Nanoseconds now, base::Nanoseconds cost) {
    constexpr auto kEarly = std::chrono::milliseconds(100);
    next_ = now + std::max(least_pause_, std::chrono::duration_cast<base::Nanoseconds>(cost * pause_by_cost_)) - kEarly;
  }

 private:
  base::Nanoseconds least_pause_;
  double pause_by_cost_;
  std::optional<base::Nanoseconds> next_;
};

}  // namespace loadlab
