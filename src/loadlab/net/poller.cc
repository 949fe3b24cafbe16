#include "loadlab/net/poller.h"

#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
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
  const int count = ::epoll_pwait2(epoll_.get(), ready_.data(), kBatch, &limit, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready_[static_cast<std::size_t>(i)];
    static_cast<ReadyListener*>(event.data.ptr)->on_ready(event.events);
  }
  return std::max(count, 0);
}

}  // namespace loadlab
