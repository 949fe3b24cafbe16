// Answers in a Redis that several processes share: under which names, in which form, and who makes which.
//
//   costagent:answer:DIGEST     an answer, for its time
//   costagent:making:DIGEST     a mark that a process is at it, for as long as that may take
//   costagent:version:DIGEST    of a customer: drawn anew whenever the customer's facts change
//   costagent:changed           the channel on which such customers are told
//
// An answer counts only while its customer's version is the one it was made under. So an invalidation needs nobody to
// hear of it, and survives whoever missed its message. Versions are random and never come back: neither a Redis that
// forgot everything nor one that dropped a version to make room brings an old answer back to life.
//
// What is read is believed only if it is whole and was written for the same question by the same version of this
// program about the same database. Whoever can write to the Redis can forge answers: it is as trusted as the database.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "costagent/cache/redis_link.h"
#include "costagent/domain/answer_cache.h"

namespace costagent {

struct SharedAnswersOptions {
  std::string scope{};  // Store::instance: other databases have other answers, copies too
  base::Nanoseconds time_to_live = std::chrono::minutes(10);
  // A larger answer is not shared: it takes its time on the way and the room of many others.
  std::size_t max_answer = std::size_t{1024} * 1024;
  // A process that dies while it makes an answer leaves its mark for so long.
  base::Nanoseconds mark = std::chrono::seconds(5);
  std::uint64_t seed = 1;  // of versions and marks: another one in each process
};

// The channel, and what is told on it.
struct ChangeMessage {
  static constexpr const char* kChannel = "costagent:changed";

  std::string sender;
  std::string customer;

  std::string text() const { return sender + ' ' + customer; }
  // Nothing for what isn't one.
  static std::optional<ChangeMessage> parse(std::string_view text);
};

// Thread-safe. Failures are Redis's, and the link's to tell.
class SharedAnswers {
 public:
  // The link must outlive it.
  SharedAnswers(RedisLink& link, SharedAnswersOptions options);

  // Where an answer and what belongs to it are.
  struct Place {
    std::string digest;
    std::string customer_digest;
  };
  Place place_of(const AnswerKey& key) const;

  struct Look {
    std::string version;  // of the customer, in Redis
    std::optional<std::string> answer;
    bool being_made = false;     // by some process, under this version
    bool outdated_mark = false;  // some process is making one that won't count
  };
  base::Result<Look> look(const Place& place);

  // True if nobody else is making it, as far as a look told, and everybody knows now that this process is.
  base::Result<bool> mark(const Place& place, const Look& look, const std::string& token);

  // Takes away the mark that was made under the version with the token, and keeps the answer, if there is one and the
  // version, which `look` told before it was made, is still the customer's.
  void settle(const Place& place, const std::string& version, const std::string& token, const std::string* answer);

  // Makes the customer's answers count no more, and tells the other processes.
  void change(const std::string& customer);

  // 16 hexadecimal digits that nobody else draws.
  std::string draw();

  // Who this process is in messages.
  const std::string& sender() const { return sender_; }

  // Answers that were there and could not be believed.
  std::uint64_t disbelieved() const;

 private:
  base::Result<std::string> version_made(const Place& place);
  std::optional<std::string> unsealed(const Place& place, const std::string& version, std::string_view value);
  base::Result<io::RedisReply> write(const std::vector<std::string>& words);

  RedisLink& link_;
  const SharedAnswersOptions options_;
  mutable std::mutex mutex_;
  base::Random random_;
  std::uint64_t disbelieved_ = 0;
  bool refused_ = false;  // the last write was
  std::string sender_;
};

}  // namespace costagent
