// Time, injected: nothing outside this folder asks the operating system what time it is.
#pragma once

#include <chrono>

namespace base {

using Nanoseconds = std::chrono::nanoseconds;
using UtcTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Thread-safe. `monotonic` counts from an arbitrary start and never goes back; `utc` is the calendar's time and may
// jump.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds monotonic() const = 0;
  virtual UtcTime utc() const = 0;
};

// The machine's clocks: CLOCK_MONOTONIC and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  Nanoseconds monotonic() const override { return monotonic_now(); }
  UtcTime utc() const override;

  // For the load path, where a virtual call a request is not free.
  static Nanoseconds monotonic_now();

  // CPU time that the calling thread has used.
  static Nanoseconds thread_cpu_now();
};

// A clock for tests, moved by hand. Not thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(UtcTime utc = UtcTime{}) : utc_(utc) {}
  Nanoseconds monotonic() const override { return monotonic_; }
  UtcTime utc() const override { return utc_; }
  void advance(Nanoseconds by);

 private:
  Nanoseconds monotonic_{0};
  UtcTime utc_;
};

}  // namespace base
