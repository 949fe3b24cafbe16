// A mutex that is waited for no longer than a given time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace base {

// Works with std::unique_lock. In place of std::timed_mutex, of which ThreadSanitizer of GCC 12 doesn't know how it is
// locked (pthread_mutex_clocklock), so that what it guards can't be checked.
class TimedMutex {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !held_; });
    held_ = true;
  }
  bool try_lock() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(held_, true);
  }
  template <class Rep, class Ratio>
  bool try_lock_for(std::chrono::duration<Rep, Ratio> patience) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, patience, [this] { return !held_; })) return false;
    held_ = true;
    return true;
  }
  void unlock() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    freed_.notify_one();  // within, as whoever locks it next may be the one that destroys it
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  bool held_ = false;
};

}  // namespace base
