// A time to wait that is drawn anew each time: what a user thinks, how often an iteration comes.
#pragma once

#include "base/clock.h"
#include "base/random.h"

namespace loadlab {

struct Delay {
  enum class Kind : unsigned char {
    constant,     // `low`
    uniform,      // in [low, high]
    exponential,  // of mean `low`
    log_normal,   // of median `low`, whose logarithm has the standard deviation `sigma`
  };
  // No draw is longer than this: a user who thinks longer has gone away.
  static constexpr base::Nanoseconds kLongest = std::chrono::hours(1);

  Kind kind = Kind::constant;
  base::Nanoseconds low{0};
  base::Nanoseconds high{0};
  double sigma = 0;

  static Delay always(base::Nanoseconds time) { return {Kind::constant, time, time, 0}; }
  static Delay between(base::Nanoseconds low, base::Nanoseconds high) { return {Kind::uniform, low, high, 0}; }

  bool is_zero() const { return low.count() == 0 && high.count() == 0; }
  base::Nanoseconds draw(base::Random& random) const { return is_zero() ? base::Nanoseconds(0) : draw_some(random); }

 private:
  base::Nanoseconds draw_some(base::Random& random) const;
};

}  // namespace loadlab
