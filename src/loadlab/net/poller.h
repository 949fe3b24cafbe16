// Readiness of many sockets: epoll, edge-triggered, with a wait that is exact to the nanosecond.
//
// Not thread-safe; one a worker, and what is registered must outlive its registration.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

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

// Whoever has put off work that is done better once a turn than once a request.
class TurnListener {
 public:
  // Returns whether the caller of `wait` may now have something to do that it did not know of; it is then not kept
  // waiting.
  virtual bool on_turn_end() = 0;

 protected:
  ~TurnListener() = default;
};

class Poller {
 public:
  static base::Result<Poller> create();

  // Reports every change of readiness (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR) until the descriptor is closed. Returns
  // errno.
  int add(int fd, ReadyListener& listener);

  // Calls the listener once, when `wait` is next called and before it waits; called from within on_turn_end, in the
  // wait after that, which then doesn't sleep. The listener must live until then, or be forgotten.
  void at_turn_end(TurnListener& listener) { put_off_.push_back(&listener); }
  void forget(TurnListener& listener);

  // Does what was put off, then waits for at most `timeout` (not at all when it is negative), what was put off
  // included, and calls the listeners of what is ready. A listener may close its own socket; events of others in the
  // same batch still reach them. Returns how many were called.
  int wait(base::Nanoseconds timeout);

 private:
  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  // One batch. Larger ones only make the last of them wait longer to be timed.
  static constexpr int kBatch = 128;

  bool end_turn();

  UniqueFd epoll_;
  std::vector<TurnListener*> put_off_;
  std::vector<TurnListener*> called_;  // those of the turn that ends, kept for its memory
  std::array<epoll_event, kBatch> ready_{};
};

}  // namespace loadlab
