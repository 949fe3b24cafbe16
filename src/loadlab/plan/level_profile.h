// A level over time: users of a closed model, or arrivals a second of an open one.
//
// Piecewise linear, with jumps where a stage says so. Times count from the load's start. A plain value.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace loadlab {

// One stage of a plan: the level moves evenly over `ramp` from where it was to `level`, then stays for the rest of
// `duration`. A ramp of zero is a jump.
struct Stage {
  base::Nanoseconds duration{0};
  double level = 0;
  base::Nanoseconds ramp{0};  // at most the duration
};

// A straight piece of a profile.
struct Segment {
  base::Nanoseconds begin{0};
  base::Nanoseconds length{0};  // above zero
  double from = 0;
  double to = 0;
  std::size_t stage = 0;
  double area_before = 0;  // level times seconds, of all before it

  base::Nanoseconds end() const { return begin + length; }
  double area() const;
};

class LevelProfile {
 public:
  LevelProfile() = default;

  // From zero. Each stage's duration is above zero.
  explicit LevelProfile(std::vector<Stage> stages);

  // The whole time at one level, reached evenly over `ramp_up`.
  static LevelProfile steady(double level, base::Nanoseconds ramp_up, base::Nanoseconds duration);

  const std::vector<Stage>& stages() const { return stages_; }
  const std::vector<Segment>& segments() const { return segments_; }
  base::Nanoseconds duration() const;
  double highest() const;
  double at(base::Nanoseconds time) const;

  // The stage that a time belongs to; a time after the end belongs to the last.
  std::size_t stage_at(base::Nanoseconds time) const;

  // When the level times the seconds gone by adds up to `area`: of a rate, when that many arrivals are due.
  // Nanoseconds::max() when it never does.
  base::Nanoseconds when(double area) const;

  // The same shape in another time. A steady profile keeps its ramp, as far as it fits; others are stretched.
  LevelProfile lasting(base::Nanoseconds duration) const;

 private:
  std::vector<Stage> stages_;
  std::vector<Segment> segments_;
};

}  // namespace loadlab
