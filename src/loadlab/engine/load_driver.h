// A load model at work in one worker: decides when its users begin.
#pragma once

#include <memory>

#include "loadlab/engine/arrival_schedule.h"
#include "loadlab/engine/virtual_user.h"

namespace loadlab {

class LoadDriver {
 public:
  virtual ~LoadDriver() = default;

  // Begins what is due. Called in every turn of the worker's loop until the test stops.
  virtual void release(base::Nanoseconds now) = 0;

  // When `release` has something to do next; Nanoseconds::max() if only an answer can bring that about.
  virtual base::Nanoseconds next_due() const = 0;

  // The test is over: nothing more is begun. What was due and could not be begun is counted as dropped.
  virtual void stop() = 0;

  // Users at work now.
  virtual int users() const = 0;
};

// This worker's share of the users, who start along the ramp and then play on until the end. `start` is monotonic.
std::unique_ptr<LoadDriver> closed_driver(UserContext& context, const ClosedLoad& load, Share share,
                                          base::Nanoseconds start);

// This worker's share of the arrivals.
std::unique_ptr<LoadDriver> open_driver(UserContext& context, const OpenLoad& load, Share share,
                                        base::Nanoseconds start);

}  // namespace loadlab
