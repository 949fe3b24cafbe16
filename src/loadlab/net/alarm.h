// A time that is waited for beside sockets, by the same poller.
//
// For waits that are rare: each takes a descriptor from its first use on. Not thread-safe; belongs to the poller's
// thread, and the poller must outlive it.
#pragma once

#include "base/clock.h"
#include "loadlab/net/poller.h"
#include "loadlab/net/unique_fd.h"

namespace loadlab {

class AlarmListener {
 public:
  virtual void on_alarm() = 0;

 protected:
  ~AlarmListener() = default;
};

class Alarm final : private ReadyListener {
 public:
  Alarm(Poller& poller, AlarmListener& listener) : poller_(poller), listener_(listener) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Calls the listener once, from the poller's wait, when so much time has passed; anew if it was set already. Returns
  // errno.
  int set(base::Nanoseconds after);

  // Not any more, whatever is on its way already.
  void lift() { at_ = base::Nanoseconds::max(); }

 private:
  void on_ready(std::uint32_t events) override;

  Poller& poller_;
  AlarmListener& listener_;
  UniqueFd timer_;
  base::Nanoseconds at_ = base::Nanoseconds::max();
};

}  // namespace loadlab
