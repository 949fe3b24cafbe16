#include "base/clock.h"

#include <time.h>

#include <cassert>

namespace base {
namespace {

Nanoseconds read(clockid_t clock) {
  timespec now{};
  [[maybe_unused]] const int failed = ::clock_gettime(clock, &now);
  assert(failed == 0);
  return std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}

}  // namespace

Nanoseconds SystemClock::monotonic_now() { return read(CLOCK_MONOTONIC); }

Nanoseconds SystemClock::thread_cpu_now() { return read(CLOCK_THREAD_CPUTIME_ID); }

UtcTime SystemClock::utc() const { return UtcTime{read(CLOCK_REALTIME)}; }

void FakeClock::advance(Nanoseconds by) {
  assert(by.count() >= 0);
  monotonic_ += by;
  utc_ += by;
}

}  // namespace base
