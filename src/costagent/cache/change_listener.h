// Hears from Redis whose facts other processes have changed.
//
// A thread with a connection of its own, made again whenever it is lost. While it has none, changes are told that it
// will never hear of: whoever relies on it asks `hears` before, and is told when it begins to hear (again).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "io/redis.h"

namespace costagent {

struct ChangeListenerOptions {
  std::string sender{};  // whose own messages are passed over
  base::Nanoseconds connect_timeout = std::chrono::milliseconds(500);
  // A connection on which nothing came for so long is asked whether it is still one, and given up after as long again.
  base::Nanoseconds silence = std::chrono::seconds(1);
  base::Nanoseconds retry_first = std::chrono::milliseconds(100);
  base::Nanoseconds retry_last = std::chrono::seconds(2);
};

class ChangeListener {
 public:
  // Both are called on the listener's thread. `begins`: what was told before now was missed; `hears` is still false.
  struct Ears {
    std::function<void()> begins;
    std::function<void(const std::string& customer)> changed;
  };

  // `url` as parse_redis_url took it.
  ChangeListener(const std::string& url, const io::RedisAddress& address, ChangeListenerOptions options, Ears ears);
  // Waits for what its thread is at: as long as a connection takes, or the look-up of a name.
  ~ChangeListener();
  ChangeListener(const ChangeListener&) = delete;
  ChangeListener& operator=(const ChangeListener&) = delete;

  // Changes told from now on will be heard, unless the connection is found dead. Thread-safe.
  bool hears() const { return hears_; }

 private:
  void run();
  base::Result<io::Redis> subscribe() const;
  void listen(io::Redis& connection) const;
  void take(const io::RedisReply& told) const;
  // Until the socket is readable (true), the time is over, or the listener is stopped.
  bool await(int socket, base::Nanoseconds time) const;

  const std::string url_;
  const io::RedisAddress address_;
  const ChangeListenerOptions options_;
  const Ears ears_;
  std::atomic<bool> hears_ = false;
  std::atomic<bool> stopping_ = false;
  base::UniqueFd wake_;  // an eventfd that is readable once it is stopped
  std::thread thread_;
};

}  // namespace costagent
