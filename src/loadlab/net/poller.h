// Readiness of many sockets: epoll, edge-triggered, with a wait that is exact to the nanosecond.
//
// Not thread-safe; one a worker, and what is registered must outlive its registration.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/net/unique_fd.h"

namespace loadlab {

// Whoever is told that a socket is ready.
class ReadyListener {
 public:
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~ReadyListener() = default;
};

class Poller {
 public:
  static base::Result<Poller> create();

  // Reports every change of readiness (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR) until the descriptor is closed. Returns
  // errno.
  int add(int fd, ReadyListener& listener);

  // Waits for at most `timeout` (not at all when it is negative) and calls the listeners of what is ready. A listener
  // may close its own socket; events of others in the same batch still reach them. Returns how many were called.
  int wait(base::Nanoseconds timeout);

 private:
  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  // One batch. Larger ones only make the last of them wait longer to be timed.
  static constexpr int kBatch = 128;

  UniqueFd epoll_;
  std::array<epoll_event, kBatch> ready_{};
};

}  // namespace loadlab
