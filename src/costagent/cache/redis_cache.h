// Answers shared by several processes: in this one's memory, and behind it in Redis.
//
// Which answer holds is the database's to say, by the version in its key (answer_cache.h): Redis and its messages only
// decide how much is computed twice. So whatever Redis does, no answer is wrong for it:
//
//   it answers, changes are heard    this process's memory, then Redis, then computing
//   it answers, changes are missed   Redis, whose versions say what still counts; memory is passed over
//   it doesn't                       memory, then computing: as if there were no Redis
//
// Whenever changes begin to be heard, memory is emptied, as some may have been missed. Among processes one computes an
// answer while the others look for it in Redis, for about as long as computing takes; then they compute it too.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "costagent/cache/change_listener.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/cache/redis_link.h"
#include "costagent/cache/shared_answers.h"
#include "costagent/domain/answer_cache.h"

namespace costagent {

struct RedisCacheOptions {
  MemoryCacheOptions memory{};
  RedisLinkOptions link{};
  SharedAnswersOptions shared{};
  ChangeListenerOptions listener{};
  // How long another process's answer is waited for: twice what computing one took of late, within these bounds. Below
  // the first it isn't worth a look, and beyond the second that process may have died.
  base::Nanoseconds wait_least = std::chrono::milliseconds(50);
  base::Nanoseconds wait_most = std::chrono::seconds(2);
};

// Has threads: to be made after the process forked.
class RedisCache final : public AnswerCache {
 public:
  // `url` as parse_redis_url took it. Connects in the background. The clock must outlive it.
  RedisCache(const std::string& url, const io::RedisAddress& address, RedisCacheOptions options,
             const base::Clock& clock);

  base::Result<Answer> get_or_make(const AnswerKey& key, const MakeAnswer& make) override;
  void invalidate(const std::string& customer) override;
  CacheUse use() const override;

 private:
  base::Result<std::string> find_or_make(const AnswerKey& key, const MakeAnswer& make);
  base::Result<std::string> make_and_share(const SharedAnswers::Place& place, const std::string& version,
                                           const std::string& token, const MakeAnswer& make);
  std::string found(SharedAnswers::Look look);
  base::Nanoseconds patience() const;

  const RedisCacheOptions options_;
  MemoryCache memory_;
  RedisLink link_;
  SharedAnswers shared_;
  mutable std::mutex mutex_;
  base::Nanoseconds computing_{0};  // what it took of late
  std::uint64_t shared_hits_ = 0;
  std::uint64_t waits_ = 0;  // for other processes
  ChangeListener listener_;  // last: its thread calls the others
};

}  // namespace costagent
