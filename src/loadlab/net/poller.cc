#include "loadlab/net/poller.h"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace loadlab {
namespace {

timespec to_timespec(base::Nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  timespec spec{};
  spec.tv_sec = seconds.count();
  spec.tv_nsec = (time - seconds).count();
  return spec;
}

// epoll_wait with a time-out in nanoseconds. A kernel before 5.11, or a sandbox that doesn't know epoll_pwait2, gets
// the same from two older calls: what is ready is asked for first, so that a busy loop needs only one of them.
int wait_exactly(int epoll, epoll_event* ready, int most, const timespec& limit) {
  static std::atomic<bool> is_known{true};
  if (is_known.load(std::memory_order_relaxed)) {
    const int count = ::epoll_pwait2(epoll, ready, most, &limit, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    is_known.store(false, std::memory_order_relaxed);
  }
  const int count = ::epoll_wait(epoll, ready, most, 0);
  if (count != 0 || (limit.tv_sec == 0 && limit.tv_nsec == 0)) return count;
  pollfd waiting{epoll, POLLIN, 0};
  if (::ppoll(&waiting, 1, &limit, nullptr) <= 0) return 0;
  return ::epoll_wait(epoll, ready, most, 0);
}

}  // namespace

base::Result<Poller> Poller::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return base::fail(base::ErrorKind::io, "epoll_create1: {}", std::strerror(errno));
  return Poller(std::move(epoll));
}

int Poller::add(int fd, ReadyListener& listener) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &listener;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void Poller::forget(TurnListener& listener) {
  std::erase(put_off_, &listener);
  std::replace(called_.begin(), called_.end(), &listener, static_cast<TurnListener*>(nullptr));
}

bool Poller::end_turn() {
  bool news = false;
  called_.swap(put_off_);
  for (std::size_t i = 0; i < called_.size(); ++i) {
    if (called_[i] != nullptr && called_[i]->on_turn_end()) news = true;
  }
  called_.clear();
  return news || !put_off_.empty();
}

int Poller::wait(base::Nanoseconds timeout) {
  if (!put_off_.empty()) {
    const base::Nanoseconds before = base::SystemClock::monotonic_now();
    const bool news = end_turn();
    timeout = news ? base::Nanoseconds{0} : timeout - (base::SystemClock::monotonic_now() - before);
  }
  const timespec limit = to_timespec(std::max(timeout, base::Nanoseconds{0}));
  const int count = wait_exactly(epoll_.get(), ready_.data(), kBatch, limit);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready_[static_cast<std::size_t>(i)];
    static_cast<ReadyListener*>(event.data.ptr)->on_ready(event.events);
  }
  return std::max(count, 0);
}

}  // namespace loadlab
