// Where workers leave what they counted in a second, and find an empty recorder for the next.
//
// Thread-safe. Recorders go round: a worker that finds none empty goes on with its full one and hands over later, so
// that a slow reader costs resolution and never a sample, memory or time of a worker.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "loadlab/engine/recorder.h"

namespace loadlab {

struct Delivery {
  std::size_t worker = 0;
  int second = 0;                    // the second it ends, counted from the test's start
  bool last = false;                 // the worker has nothing more to do
  int users = 0;                     // at work now
  double busy = 0;                   // of a core, 0 … 1, since the delivery before
  double busy_overall = 0;           // the same, since the test's start
  base::Nanoseconds at{0};           // monotonic; of when its figures are
  base::Nanoseconds last_answer{0};  // monotonic; when its last exchange ended
  std::unique_ptr<Recorder> recorder;
};

class HandOver {
 public:
  // Recorders for all workers: one at work, one on its way and one to spare each.
  HandOver(std::size_t workers, RecorderShape shape);

  // An empty recorder, or none just now.
  std::unique_ptr<Recorder> take_empty();

  void deliver(Delivery delivery);

  // The oldest delivery; none if there is none within the time.
  std::optional<Delivery> receive(base::Nanoseconds timeout);

  // Gives an emptied recorder back.
  void give_back(std::unique_ptr<Recorder> recorder);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Delivery> deliveries_;
  std::vector<std::unique_ptr<Recorder>> empty_;
};

}  // namespace loadlab
