#include "costagent/cache/redis_link.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/log.h"
#include "base/scarce_memory.h"
#include "base/without_password.h"

namespace costagent {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

Nanoseconds now() { return base::SystemClock::monotonic_now(); }

double milliseconds_of(Nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

}  // namespace

RedisLink::RedisLink(const std::string& url, const io::RedisAddress& address, const RedisLinkOptions& options)
    : url_(url), address_(address), options_(options), retry_(options.retry_first) {
  idle_.reserve(options.connections);  // so that what comes back needs no memory
  thread_ = std::thread([this] { base::carry_on([this] { tend(); }); });
}

RedisLink::~RedisLink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  thread_.join();
}

bool RedisLink::is_up() const {
  const std::lock_guard lock(mutex_);
  return up_;
}

std::uint64_t RedisLink::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

template <class Call>
auto RedisLink::counted(Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    --open_;
    wanted_.notify_one();
    throw;
  }
}

base::Result<io::RedisReply> RedisLink::command(const std::vector<std::string>& words) {
  auto connection = borrow();
  if (!connection) return base::pass_on(connection);
  const Nanoseconds began = now();
  auto reply = counted([&] { return connection->command(words, options_.timeout); });
  const Nanoseconds took = now() - began;
  const std::lock_guard lock(mutex_);
  if (!connection->is_open()) {
    --open_;
    // What ended one connection has most likely ended the others too.
    open_ -= idle_.size();
    idle_.clear();
    note_failure(reply ? "the connection is closed" : reply.error().message);
    wanted_.notify_one();
    return reply;
  }
  if (took > options_.slow) {
    note_failure(fmt::format("an answer took {:.1f} ms", milliseconds_of(took)));
  } else {
    failures_in_a_row_ = 0;
  }
  if (up_) {
    idle_.push_back(std::move(*connection));
    returned_.notify_one();
  } else {
    --open_;  // it closes with this call
  }
  return reply;
}

base::Result<io::Redis> RedisLink::borrow() {
  std::unique_lock lock(mutex_);
  if (up_ && idle_.empty()) {
    ++waiting_;
    wanted_.notify_one();
    returned_.wait_for(lock, options_.timeout, [this] { return !up_ || !idle_.empty(); });
    --waiting_;
  }
  if (!up_) return base::fail(ErrorKind::unavailable, "Redis is away");
  if (idle_.empty()) return base::fail(ErrorKind::unavailable, "all connections to Redis are in use");
  io::Redis connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void RedisLink::note_failure(const std::string& reason) {
  ++failures_;
  ++failures_in_a_row_;
  if (up_ && failures_in_a_row_ >= kFailuresToGoDown) {
    const bool again = now() - up_since_ < kSteady;
    retry_ = again ? std::min(retry_ * 2, options_.retry_last) : options_.retry_first;
    go_down(reason);
  }
}

void RedisLink::go_down(const std::string& reason) {
  up_ = false;
  open_ -= idle_.size();
  idle_.clear();
  next_try_ = now() + retry_;
  returned_.notify_all();
  wanted_.notify_one();
  if (std::exchange(told_down_, true)) return;
  base::log(base::LogLevel::warn, "answers are kept in this process alone, as Redis at {} is away: {}",
            base::without_password(url_), base::without_password_of(url_, reason));
}

bool RedisLink::wants_connection() const {
  return up_ && (waiting_ > idle_.size() || open_ == 0) && open_ < options_.connections;
}

void RedisLink::tend() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!up_) {
      wanted_.wait_for(lock, std::max(next_try_ - now(), Nanoseconds(0)), [this] { return stopping_; });
    } else {
      wanted_.wait(lock, [this] { return stopping_ || !up_ || wants_connection(); });
    }
    if (stopping_) return;
    if (up_ ? !wants_connection() : now() < next_try_) continue;
    ++open_;
    lock.unlock();
    auto connection = counted([this] { return try_to_connect(); });
    lock.lock();
    if (!connection) {
      --open_;
      if (up_) {
        note_failure(connection.error().message);
      } else {
        ++failures_;
        retry_ = std::min(retry_ * 2, options_.retry_last);
        go_down(connection.error().message);
      }
      continue;
    }
    idle_.push_back(std::move(*connection));
    returned_.notify_one();
    if (up_) continue;
    up_ = true;
    failures_in_a_row_ = 0;
    up_since_ = now();
    told_down_ = false;
    base::log(base::LogLevel::info, "answers are shared through Redis at {}", base::without_password(url_));
  }
}

// A connection counts once Redis has answered on it, in time: the kernel takes connections for who hangs.
base::Result<io::Redis> RedisLink::try_to_connect() {
  auto connection = io::Redis::connect(address_, options_.connect_timeout);
  if (!connection) return base::pass_on(connection);
  const Nanoseconds began = now();
  const auto pong = connection->command({"PING"}, options_.timeout);
  const Nanoseconds took = now() - began;
  if (!pong) return base::pass_on(pong);
  if (pong->text != "PONG") return base::fail(ErrorKind::corrupt, "what answers there doesn't speak as Redis does");
  if (took > options_.slow) {
    return base::fail(ErrorKind::unavailable, "an answer took {:.1f} ms", milliseconds_of(took));
  }
  return connection;
}

}  // namespace costagent
