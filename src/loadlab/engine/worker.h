// One thread of the generator: its own event loop, users, schedule and recorder.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "base/result.h"
#include "loadlab/engine/hand_over.h"
#include "loadlab/engine/load_driver.h"
#include "loadlab/engine/punctuality.h"

namespace loadlab {

// What all workers of a test have in common. Outlives them.
struct WorkerPlan {
  const Test& test;
  const Script& script;
  const Destination& destination;
  base::Nanoseconds start;  // monotonic
  const std::atomic<bool>& stop;
  HandOver& hand_over;
  std::deque<SharedCount>& iterations_taken;     // by load
  const std::vector<std::string>& setup_values;  // what the run's set-up captured, by slot
  ValueSources& values;
};

class Worker {
 public:
  static base::Result<std::unique_ptr<Worker>> create(const WorkerPlan& plan, Share share);

  // The thread's body: returns when the test is over and drained. Called once.
  void run();

 private:
  Worker(const WorkerPlan& plan, Share share, Poller poller);

  // A load of the test, as far as this worker plays it.
  struct Part {
    LoadContext context;
    base::Nanoseconds end;  // monotonic
    std::unique_ptr<LoadDriver> driver;
  };

  void end_loads(base::Nanoseconds now);
  void end_load(Part& part, base::Nanoseconds at);
  int users() const;
  int in_flight() const;
  bool within_last_second(base::Nanoseconds now) const;
  base::Nanoseconds hand_over_due() const;
  void wake_sleepers(base::Nanoseconds now);
  void end_exchanges(base::Nanoseconds now);
  base::Nanoseconds next_wake() const;
  void wait(base::Nanoseconds due);
  base::Nanoseconds next_arrival() const;
  base::Nanoseconds busy() const;
  void hand_over(base::Nanoseconds now);
  void hand_over_last(base::Nanoseconds now);
  Delivery delivery_at(base::Nanoseconds now, bool last);
  void tear_users_down();

  const WorkerPlan& plan_;
  Share share_;
  Poller poller_;
  WorkerContext context_;
  std::deque<Part> parts_;                  // none is moved: users refer to their contexts
  std::optional<Punctuality> punctuality_;  // where there are arrivals, and a core besides the workers'
  base::Nanoseconds next_second_;
  bool stopping_ = false;  // all loads are over
  base::Nanoseconds stopped_at_{0};
  int users_at_stop_ = 0;
  base::Nanoseconds drain_end_{0};
  base::Nanoseconds handed_over_at_;
  base::Nanoseconds busy_until_then_{0};  // CPU time
};

}  // namespace loadlab
