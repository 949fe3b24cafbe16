// A load model at work in one worker: decides when its users begin.
#pragma once

#include <atomic>
#include <cstdint>
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

  // Nobody is at work and nobody will come, before the load's time is over: its iterations are used up.
  virtual bool finished() const = 0;
};

// What the workers of one load share: how many of its shared iterations have been taken.
using SharedCount = std::atomic<std::uint64_t>;

// This worker's share of a load's users, who come and go along its profile.
std::unique_ptr<LoadDriver> closed_driver(LoadContext& context, Share share, SharedCount& taken);

// This worker's share of a load's arrivals.
std::unique_ptr<LoadDriver> open_driver(LoadContext& context, Share share);

}  // namespace loadlab
