// The planned starts of an open model's iterations.
//
// Times are measured from the start of the test and never decrease. A schedule has no end: whoever reads it stops when
// the test's duration is over. Not thread-safe; each worker owns one, and the schedules of n workers together are one
// process of the full rate: uniform arrivals are dealt out in turn, and a Poisson process split at random is again
// Poisson (Kingman 1993, ch. 5). While the rate ramps up, both follow the integrated rate: the k-th arrival comes when
// k of them are due (Cinlar 1975, "Introduction to Stochastic Processes", ch. 4.7).
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"

namespace loadlab {

class ArrivalSchedule {
 public:
  virtual ~ArrivalSchedule() = default;

  // The next planned start. Each call moves on by one arrival.
  virtual base::Nanoseconds next() = 0;
};

// Arrivals a second, reached evenly over `ramp_up`, then kept.
struct RateProfile {
  double rate = 1;
  base::Nanoseconds ramp_up{0};

  // When `arrivals` of them are due since the start: the inverse of the integrated rate.
  base::Nanoseconds due(double arrivals) const;
};

// One worker's part of a schedule: the `part`-th of `parts`.
struct Share {
  int part = 0;
  int parts = 1;
};

std::unique_ptr<ArrivalSchedule> uniform_arrivals(RateProfile profile, Share share);
std::unique_ptr<ArrivalSchedule> poisson_arrivals(RateProfile profile, Share share, std::uint64_t seed);

}  // namespace loadlab
