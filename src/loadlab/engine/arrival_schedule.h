// The planned starts of an open model's iterations.
//
// Times are measured from the start of the load and never decrease. Not thread-safe; each worker owns one, and the
// schedules of n workers together are one process of the full rate: uniform arrivals and replayed ones are dealt out in
// turn, and a Poisson process split at random is again Poisson (Kingman 1993, ch. 5). Where the rate changes, arrivals
// follow the integrated rate: the k-th comes when k of them are due (Cinlar 1975, "Introduction to Stochastic
// Processes", ch. 4.7).
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "loadlab/plan/load.h"

namespace loadlab {

class ArrivalSchedule {
 public:
  virtual ~ArrivalSchedule() = default;

  // The next planned start; Nanoseconds::max() when no more come. Each call moves on by one arrival.
  virtual base::Nanoseconds next() = 0;
};

// One worker's part of a schedule: the `part`-th of `parts`.
struct Share {
  int part = 0;
  int parts = 1;
};

// `load` must outlive the schedule.
std::unique_ptr<ArrivalSchedule> arrivals_of(const OpenLoad& load, Share share, std::uint64_t seed);

}  // namespace loadlab
