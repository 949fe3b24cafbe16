#include "loadlab/engine/punctuality.h"

namespace loadlab {

using base::Nanoseconds;

namespace {

// The step of the approximation: large enough to follow a machine within some hundred sleeps, small enough that a
// single one hardly moves it.
constexpr Nanoseconds kUp = std::chrono::nanoseconds(3960);
constexpr Nanoseconds kDown = std::chrono::nanoseconds(40);  // 1/99 of it: 99 % of sleeps are less late

// What may be spent before any share of the time has come together.
constexpr Nanoseconds kAdvance = std::chrono::milliseconds(2);

}  // namespace

bool Punctuality::may_stay_awake(Nanoseconds now) const {
  const double allowed = kAwakeShare * static_cast<double>((now - start_).count());
  return static_cast<double>((awake_ - kAdvance).count()) < allowed;
}

void Punctuality::woke(Nanoseconds then, Nanoseconds now, bool interrupted) {
  if (interrupted) return;
  if (is_awake_) {
    awake_ += now - then;
    return;
  }
  early_ += now - asleep_until_ > early_ ? kUp : -kDown;
  early_ = std::clamp(early_, Nanoseconds(0), kMostEarly);
}

}  // namespace loadlab
