// The job queue over a store, with a Redis stream to wake workers by: idle ones wait for an entry of it instead of
// asking the database again and again.
//
// The store is the truth of every job and of who has claimed it. An entry of the stream says no more than that a job
// has become claimable, in the order in which they did, and goes to one idle worker of some process; which job that
// worker then claims is the store's to say, as priority and fairness are. So nothing is wrong when Redis is away,
// forgets its stream or says something twice: while it is away, workers ask the store as they would without it, and
// while it is there they ask every few seconds all the same, for what was pushed meanwhile.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "costagent/queue/store_queue.h"
#include "io/redis.h"

namespace costagent {

struct RedisQueueOptions {
  // Agents that share it wake each other. Those of another store, which have other jobs, should not: give them another
  // database of Redis (redis://host/1).
  std::string stream = "costagent:jobs";
  // What tells this process from others, now.
  std::string consumer = "costagent";
  // How often an idle worker asks the store although nobody has woken it, more or less by a fifth.
  std::chrono::milliseconds sweep{5'000};
  // What a process has read and not attended to for this long is for another to read.
  std::chrono::milliseconds abandoned{5'000};
  // For how long one reading waits, which is how long the destructor may take.
  std::chrono::milliseconds reading{1'000};
};

// Store and clock must outlive it.
class RedisQueue final : public StoreQueue {
 public:
  RedisQueue(JobStore& store, const base::Clock& clock, StoreQueueOptions options, io::RedisAddress address,
             RedisQueueOptions redis);
  ~RedisQueue() override;

  base::Result<std::optional<Job>> claim(const JobSeeker& seeker) override;
  void wait(const std::stop_token& stop) override;

  // Whether Redis wakes this process's workers now.
  bool is_listening() const;

 protected:
  void announce(const std::string& job) override;

 private:
  bool send(const std::string& job);
  void listen(const std::stop_token& stop);
  base::Result<io::Redis> connect() const;
  base::Result<> hear(io::Redis& redis, const std::stop_token& stop);
  base::Result<std::size_t> take_over_abandoned(io::Redis& redis, const std::string& count);
  void heard(std::vector<std::string> entries);
  void set_listening(bool listening, const std::string& reason);
  void leave(io::Redis& redis);

  const io::RedisAddress address_;
  const RedisQueueOptions redis_;

  std::mutex sender_mutex_;
  std::optional<io::Redis> sender_;
  base::Nanoseconds send_again_{};  // of the machine's monotonic clock: not before

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool listening_ = false;
  bool told_away_ = false;
  std::size_t idle_ = 0;               // workers that wait
  std::vector<std::string> heard_;     // entries that no claim has followed yet
  std::vector<std::string> attended_;  // those that are to be acknowledged
  base::Nanoseconds look_for_abandoned_{};

  std::jthread listener_;  // the last member: it uses the others
};

}  // namespace costagent
