// Months that are known to have their partitions.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>

namespace costagent {

// Of a process and its database: nobody takes a partition away, but whoever fails to write forgets them all, lest it
// was that. Thread-safe.
class KnownMonths {
 public:
  bool has(std::int64_t month) const {
    const std::lock_guard lock(mutex_);
    return months_.contains(month);
  }
  void add(std::int64_t month) {
    const std::lock_guard lock(mutex_);
    if (months_.size() >= kMost) months_.clear();
    months_.insert(month);
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    months_.clear();
  }

 private:
  static constexpr std::size_t kMost = 10'000;  // of 800 years

  mutable std::mutex mutex_;
  std::set<std::int64_t> months_;
};

}  // namespace costagent
