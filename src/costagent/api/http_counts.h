// Counts of HTTP requests as plain numbers in memory, which may be shared with other processes.
#pragma once

#include <atomic>
#include <cstdint>

#include "costagent/api/message.h"

namespace costagent {

// A number that several threads or processes change; zero to begin with, as fresh memory is. Lock-free, so that a
// process that is killed in the midst of a change leaves a number. What was written before a number was set is seen by
// who gets it.
class SharedNumber {
 public:
  void add(std::int64_t by) { std::atomic_ref(value_).fetch_add(by, std::memory_order_acq_rel); }
  void set(std::int64_t value) { std::atomic_ref(value_).store(value, std::memory_order_release); }
  std::int64_t get() const {
    // An atomic_ref of a constant is C++26's.
    return std::atomic_ref(const_cast<std::int64_t&>(value_)).load(std::memory_order_acquire);
  }

  // As prometheus::Gauge has them.
  void Increment() { add(1); }
  void Decrement() { add(-1); }

 private:
  static_assert(std::atomic_ref<std::int64_t>::is_always_lock_free);
  alignas(std::atomic_ref<std::int64_t>::required_alignment) std::int64_t value_;
};

// One process' counts. The routes are those of its router, by number, and one more for what matched none.
struct HttpCounts {
  // Twice what the interface will have: each takes 3 KiB, of memory that is not there before it is used.
  static constexpr std::size_t kRoutes = 128;
  static constexpr std::size_t kStatuses = 32;
  static constexpr std::size_t kBuckets = 16;

  struct Route {
    SharedNumber requests[kMethods][kStatuses];
    SharedNumber durations[kBuckets];  // each that fell into the bucket
    SharedNumber nanoseconds;          // of all
  };

  Route routes[kRoutes];
  SharedNumber in_flight;
  SharedNumber connections;
};

}  // namespace costagent
