#include "costagent/queue/redis_queue.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "base/scarce_memory.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using std::chrono::milliseconds;

constexpr const char* kGroup = "workers";

// A push waits for Redis no longer than this, and after it was away not at all for a while.
constexpr milliseconds kSendTimeout{200};
constexpr milliseconds kRestAfterFailure{1'000};

constexpr milliseconds kConnectTimeout{1'000};
constexpr milliseconds kCommandTimeout{2'000};

// More entries than workers in a large cluster can be woken by are of no use; half a megabyte.
constexpr const char* kMostEntries = "10000";

// A process that has not read for this long is gone, and its name may be forgotten.
constexpr std::int64_t kGoneMs = 3'600'000;

Nanoseconds monotonic() { return base::SystemClock::monotonic_now(); }

// The ids of entries: of a list of [id, fields].
void add_ids(const io::RedisReply& entries, std::vector<std::string>& ids) {
  for (const io::RedisReply& entry : entries.list) {
    if (!entry.list.empty()) ids.push_back(entry.list[0].text);
  }
}

// Of XREADGROUP on one stream: [[stream, entries]], or nothing.
std::vector<std::string> read_ids(const io::RedisReply& reply) {
  std::vector<std::string> ids;
  if (!reply.list.empty() && reply.list[0].list.size() == 2) add_ids(reply.list[0].list[1], ids);
  return ids;
}

// The number behind a name in a flat list of names and values; 0 where there is none.
std::int64_t number_of(const io::RedisReply& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.list.size(); i += 2) {
    if (list.list[i].text == name) return list.list[i + 1].integer;
  }
  return 0;
}

// Processes come and go, and each has a name of its own.
void forget_gone(io::Redis& redis, const std::string& stream) {
  const auto consumers = redis.command({"XINFO", "CONSUMERS", stream, kGroup}, kCommandTimeout);
  if (!consumers) return;
  for (const io::RedisReply& consumer : consumers->list) {
    if (consumer.list.size() < 2 || number_of(consumer, "idle") < kGoneMs || number_of(consumer, "pending") > 0)
      continue;
    static_cast<void>(redis.command({"XGROUP", "DELCONSUMER", stream, kGroup, consumer.list[1].text}, kCommandTimeout));
  }
}

}  // namespace

RedisQueue::RedisQueue(JobStore& store, const base::Clock& clock, StoreQueueOptions options, io::RedisAddress address,
                       RedisQueueOptions redis)
    : StoreQueue(store, clock, options),
      address_(std::move(address)),
      redis_(std::move(redis)),
      listener_([this](const std::stop_token& stop) { base::carry_on([&] { listen(stop); }); }) {}

// Joined before anything that it uses goes, the other class's part included.
RedisQueue::~RedisQueue() {
  listener_.request_stop();
  listener_.join();
}

bool RedisQueue::is_listening() const {
  const std::lock_guard lock(mutex_);
  return listening_;
}

base::Result<std::optional<Job>> RedisQueue::claim(const JobSeeker& seeker) {
  std::vector<std::string> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(heard_);
  }
  auto job = StoreQueue::claim(seeker);
  if (entries.empty()) return job;
  // Whatever it has come to, the store was asked after they were read.
  const std::lock_guard lock(mutex_);
  attended_.insert(attended_.end(), entries.begin(), entries.end());
  changed_.notify_all();
  return job;
}

void RedisQueue::wait(const std::stop_token& stop) {
  bool listening = false;
  {
    const std::lock_guard lock(mutex_);
    listening = listening_;
    ++idle_;
  }
  changed_.notify_all();
  wait_for_hint(stop, listening ? between(redis_.sweep * 4 / 5, redis_.sweep * 6 / 5) : next_look());
  const std::lock_guard lock(mutex_);
  --idle_;
}

void RedisQueue::announce(const std::string& job) {
  // Without Redis, this process's own workers can still be woken.
  if (!send(job)) hint();
}

bool RedisQueue::send(const std::string& job) {
  const std::lock_guard lock(sender_mutex_);
  const auto failed = [this] {
    sender_.reset();
    send_again_ = monotonic() + kRestAfterFailure;
    return false;
  };
  if (!sender_ || !sender_->is_open()) {
    if (monotonic() < send_again_) return false;
    auto connected = io::Redis::connect(address_, kSendTimeout);
    if (!connected) return failed();
    sender_.emplace(std::move(*connected));
  }
  const auto sent =
      sender_->command({"XADD", redis_.stream, "MAXLEN", "~", kMostEntries, "*", "job", job}, kSendTimeout);
  return sent ? true : failed();
}

void RedisQueue::listen(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto redis = connect();
    std::string reason = redis ? "" : redis.error().message;
    if (redis) {
      set_listening(true, "");
      while (!stop.stop_requested() && reason.empty()) {
        if (const auto done = hear(*redis, stop); !done) reason = done.error().message;
      }
      if (reason.empty()) return leave(*redis);
    }
    set_listening(false, reason);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, between(kRestAfterFailure / 2, kRestAfterFailure), [] { return false; });
  }
}

base::Result<io::Redis> RedisQueue::connect() const {
  auto redis = io::Redis::connect(address_, kConnectTimeout);
  if (!redis) return redis;
  // From the first entry on, as the stream may be older than the group, or have been begun anew by who only pushes.
  const auto group = redis->command({"XGROUP", "CREATE", redis_.stream, kGroup, "0", "MKSTREAM"}, kCommandTimeout);
  if (!group && group.error().message.find("BUSYGROUP") == std::string::npos) return base::pass_on(group);
  forget_gone(*redis, redis_.stream);
  return redis;
}

base::Result<> RedisQueue::hear(io::Redis& redis, const std::stop_token& stop) {
  std::vector<std::string> done;
  std::size_t idle = 0;
  {
    // Only as many entries are read as there are workers to wake: the others are for other processes.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, redis_.reading, [this] { return idle_ > heard_.size() || !attended_.empty(); });
    done.swap(attended_);
    idle = idle_ > heard_.size() ? idle_ - heard_.size() : 0;
  }
  if (!done.empty()) {
    std::vector<std::string> words{"XACK", redis_.stream, kGroup};
    words.insert(words.end(), done.begin(), done.end());
    if (const auto acknowledged = redis.command(words, kCommandTimeout); !acknowledged) {
      return base::pass_on(acknowledged);
    }
  }
  if (idle == 0 || stop.stop_requested()) return {};
  const std::string count = std::to_string(idle);
  if (monotonic() >= look_for_abandoned_) {
    look_for_abandoned_ = monotonic() + Nanoseconds(redis_.abandoned);
    const auto taken = take_over_abandoned(redis, count);
    if (!taken) return base::pass_on(taken);
    if (*taken > 0) return {};
  }
  const auto reply = redis.command({"XREADGROUP", "GROUP", kGroup, redis_.consumer, "COUNT", count, "BLOCK",
                                    std::to_string(redis_.reading.count()), "STREAMS", redis_.stream, ">"},
                                   redis_.reading + kCommandTimeout);
  if (!reply) return base::pass_on(reply);
  heard(read_ids(*reply));
  return {};
}

base::Result<std::size_t> RedisQueue::take_over_abandoned(io::Redis& redis, const std::string& count) {
  const auto reply = redis.command({"XAUTOCLAIM", redis_.stream, kGroup, redis_.consumer,
                                    std::to_string(redis_.abandoned.count()), "0-0", "COUNT", count},
                                   kCommandTimeout);
  if (!reply) return base::pass_on(reply);
  // [where to go on, entries, those that are no longer in the stream]
  std::vector<std::string> ids;
  if (reply->list.size() >= 2) add_ids(reply->list[1], ids);
  const std::size_t taken = ids.size();
  heard(std::move(ids));
  return taken;
}

void RedisQueue::heard(std::vector<std::string> entries) {
  {
    const std::lock_guard lock(mutex_);
    heard_.insert(heard_.end(), entries.begin(), entries.end());
  }
  for (std::size_t i = 0; i < entries.size(); ++i) hint();
}

void RedisQueue::set_listening(bool listening, const std::string& reason) {
  std::size_t idle = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!listening) heard_.clear();
    if (!listening) attended_.clear();
    if (listening_ == listening && (listening || told_away_)) return;
    listening_ = listening;
    told_away_ = !listening;
    idle = idle_;
  }
  // Those who wait for Redis look for themselves from now on.
  for (std::size_t i = 0; i < idle && !listening; ++i) hint();
  if (listening) {
    base::log(base::LogLevel::info, "Redis wakes the workers");
  } else {
    base::log(base::LogLevel::warn, "Redis can't wake the workers, who ask the store for jobs instead: {}", reason);
  }
}

void RedisQueue::leave(io::Redis& redis) {
  const std::lock_guard lock(mutex_);
  // What was read and not attended to stays on record, so that another process takes it over.
  if (!heard_.empty()) return;
  static_cast<void>(redis.command({"XGROUP", "DELCONSUMER", redis_.stream, kGroup, redis_.consumer}, kCommandTimeout));
}

}  // namespace costagent
