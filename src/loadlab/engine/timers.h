// Who is to be woken, and when: a binary heap. Not thread-safe; one a worker.
//
// Equal times are served in the order they were set, so that users who start together keep their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace loadlab {

template <class Sleeper>
class Timers {
 public:
  void set(base::Nanoseconds at, Sleeper& sleeper) {
    heap_.push_back({at, sequence_++, &sleeper});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  bool empty() const { return heap_.empty(); }
  base::Nanoseconds earliest() const { return heap_.front().at; }
  std::size_t size() const { return heap_.size(); }
  void clear() { heap_.clear(); }

  // Takes out the earliest one; there must be one.
  Sleeper& pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Sleeper& sleeper = *heap_.back().sleeper;
    heap_.pop_back();
    return sleeper;
  }

 private:
  struct Entry {
    base::Nanoseconds at;
    std::uint64_t sequence;
    Sleeper* sleeper;
  };
  static bool later(const Entry& a, const Entry& b) { return a.at != b.at ? a.at > b.at : a.sequence > b.sequence; }

  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace loadlab
