#include "loadlab/net/alarm.h"

#include <sys/timerfd.h>

#include <cerrno>

namespace loadlab {

int Alarm::set(base::Nanoseconds after) {
  if (!timer_.is_open()) {
    UniqueFd made(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (!made.is_open()) return errno;
    if (const int error = poller_.add(made.get(), *this); error != 0) return error;
    timer_ = std::move(made);
  }
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  at_ = base::SystemClock::monotonic_now() + after;
  itimerspec time{};
  time.it_value.tv_sec = at_.count() / kPerSecond;
  time.it_value.tv_nsec = at_.count() % kPerSecond;
  return ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr) == 0 ? 0 : errno;
}

void Alarm::on_ready(std::uint32_t events) {
  // An earlier setting's time may be reported after it was set anew.
  if ((events & EPOLLIN) == 0 || base::SystemClock::monotonic_now() < at_) return;
  lift();
  listener_.on_alarm();
}

}  // namespace loadlab
