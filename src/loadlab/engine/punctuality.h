// How a worker waits for what is due: it sleeps for most of the time and looks at the clock for the rest.
//
// A core that sleeps wakes late: by some microseconds on hardware, by 50 to 100 in a virtual machine, whose host must
// first be asked to run it again. What is due meanwhile goes out together, and short gaps between arrivals are gone.
// So sleep ends earlier by the lateness that 99 of 100 sleeps stay below, which is learned as the test goes
// (a quantile by stochastic approximation: Robbins and Monro 1951), and the worker stays awake until the time has come.
// That costs no more than a share of a core: where even that would be more, sleep is as long as it is.
//
// Not thread-safe; one a worker.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace loadlab {

class Punctuality {
 public:
  // Of the time since `start`, this part may be spent awake.
  static constexpr double kAwakeShare = 0.2;
  // No sleep ends earlier than by this: whatever is later than that is no wake-up but a machine that is busy.
  static constexpr base::Nanoseconds kMostEarly = std::chrono::microseconds(250);

  explicit Punctuality(base::Nanoseconds start) : start_(start) {}

  // How long to sleep at `now` for what is due later, at `due`; zero while the worker should stay awake for it.
  base::Nanoseconds sleep(base::Nanoseconds now, base::Nanoseconds due) {
    const base::Nanoseconds left = std::max(due - now - (may_stay_awake(now) ? early_ : kNone), kNone);
    asleep_until_ = now + left;
    is_awake_ = left == kNone;
    return left;
  }

  // What began with `sleep` at `then` is over, `interrupted` by something else than its time.
  void woke(base::Nanoseconds then, base::Nanoseconds now, bool interrupted);

  // How long it has been awake for nothing.
  base::Nanoseconds awake() const { return awake_; }
  // By how much sleeps end early at present.
  base::Nanoseconds early() const { return early_; }

 private:
  static constexpr base::Nanoseconds kNone{0};

  bool may_stay_awake(base::Nanoseconds now) const;

  base::Nanoseconds start_;
  base::Nanoseconds early_ = std::chrono::microseconds(100);
  base::Nanoseconds awake_{0};
  base::Nanoseconds asleep_until_{0};
  bool is_awake_ = false;
};

}  // namespace loadlab
