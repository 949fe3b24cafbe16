// The way to a Redis that may be slow, hang, go and come back: nobody waits for it longer than some milliseconds, and
// while it is away nobody at all.
//
// A circuit breaker (Nygard 2007, "Release It!") over a bounded pool of connections. Up: commands go to a free
// connection. Three failures one after the other, of which a late answer is one, and it is down: commands fail at once.
// A thread of its own makes all connections and the tries while it is down, so that no caller pays for those, nor for
// looking up a name.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/redis.h"

namespace costagent {

struct RedisLinkOptions {
  // More than the threads that handle requests are of no use.
  std::size_t connections = 8;
  // A Redis of the same network answers within one millisecond; what is computed anew takes some.
  base::Nanoseconds timeout = std::chrono::milliseconds(20);
  // An answer that took longer counts as a failure, as the next ones would cost more than they save.
  base::Nanoseconds slow = std::chrono::milliseconds(10);
  // Of connecting, which no caller waits for.
  base::Nanoseconds connect_timeout = std::chrono::milliseconds(500);
  // While it is down, the first try comes after this and each later one after twice the time, up to the last.
  base::Nanoseconds retry_first = std::chrono::milliseconds(100);
  base::Nanoseconds retry_last = std::chrono::seconds(2);
};

// Thread-safe. Logs one line when it goes up and one when it goes down.
class RedisLink {
 public:
  // `url` as parse_redis_url took it. Connects in the background.
  RedisLink(const std::string& url, const io::RedisAddress& address, const RedisLinkOptions& options);
  // Waits for what its thread is at: as long as a connection takes, or the look-up of a name.
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  // Waits for a connection and for the answer, each for the time-out at most. Fails with `unavailable` while the link
  // is down, and as io::Redis::command does.
  base::Result<io::RedisReply> command(const std::vector<std::string>& words);

  bool is_up() const;

  // Commands and tries that had no answer, none in time, a late one or one that wasn't Redis's.
  std::uint64_t failures() const;

 private:
  static constexpr int kFailuresToGoDown = 3;
  // Who goes down again within this time after coming up is tried as seldom as before.
  static constexpr std::chrono::seconds kSteady{10};

  base::Result<io::Redis> borrow();
  // What is done with a connection. One for whose answer there is no memory goes with it, and its place is free.
  template <class Call>
  auto counted(Call call);
  // Both with the lock held.
  void note_failure(const std::string& reason);
  void go_down(const std::string& reason);

  void tend();
  bool wants_connection() const;
  base::Result<io::Redis> try_to_connect();

  const std::string url_;
  const io::RedisAddress address_;
  const RedisLinkOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable returned_;  // a connection is free, or it went down
  std::condition_variable wanted_;    // there is something for the thread to do
  std::vector<io::Redis> idle_;
  std::size_t open_ = 0;     // idle, lent or being made
  std::size_t waiting_ = 0;  // callers that wait for a connection
  bool up_ = false;
  bool told_down_ = false;
  int failures_in_a_row_ = 0;
  std::uint64_t failures_ = 0;
  base::Nanoseconds up_since_{0};
  base::Nanoseconds retry_{0};     // the time between tries
  base::Nanoseconds next_try_{0};  // while it is down
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace costagent
