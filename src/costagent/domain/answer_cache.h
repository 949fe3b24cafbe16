// Answers to repeated questions, each computed once for all who ask meanwhile and kept for those who ask later.
//
// Who guarantees what. The database alone says whether an answer still holds: the version of the customer's facts, read
// from it for every request and before the facts themselves, is part of what an answer is kept under. An answer may so
// be newer than its key, and never older; once facts change, whoever changed them, the next request asks under another
// key. Everything else an answer rests on belongs into the question. `invalidate` and the messages behind it make room
// early, and nothing goes wrong where one is lost.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace costagent {

// What an answer is kept under. Two keys are the same if all three are.
struct AnswerKey {
  std::string customer;
  std::int64_t version = 0;  // FactStore::version of the customer
  std::string question;      // all else that the answer depends on
};

using Answer = std::shared_ptr<const std::string>;

// Computes an answer. It must not ask the cache for the same key: it would wait for itself.
using MakeAnswer = std::function<base::Result<std::string>()>;

// How a cache has done since the process began, and what it holds now.
struct CacheUse {
  std::uint64_t hits = 0;           // answered from this process's memory
  std::uint64_t shared_hits = 0;    // answered from what another process had made
  std::uint64_t misses = 0;         // computed
  std::uint64_t waits = 0;          // asked while another was at the same answer, and waited for that one
  std::uint64_t evictions = 0;      // dropped to make room
  std::uint64_t expirations = 0;    // dropped because their time was over
  std::uint64_t invalidations = 0;  // dropped because facts had changed
  std::size_t entries = 0;
  std::size_t bytes = 0;  // held, keys and what it takes to keep them included
  std::size_t max_bytes = 0;

  // Of a cache that shares answers with other processes.
  bool shares = false;
  bool reachable = false;           // what they share through answers
  bool listening = false;           // changes that others tell are heard
  std::uint64_t shared_errors = 0;  // times it didn't answer, in time or sensibly
};

// Thread-safe.
class AnswerCache {
 public:
  virtual ~AnswerCache() = default;

  // The answer that is kept, or that of `make`, which is then kept if it succeeds. Of those who ask for the same key at
  // the same time one calls `make`, on its own thread, and the others wait for what comes of it, a failure too; only
  // where that one's deadline (base/deadline.h) was over and another's is not, that one makes it. Fails as `make` does,
  // with `unavailable` when another has been at it for longer than the cache's patience, and with `timeout` when the
  // caller's own deadline is over before that.
  virtual base::Result<Answer> get_or_make(const AnswerKey& key, const MakeAnswer& make) = 0;

  // Drops the customer's answers. What is being made at the moment still goes to those who wait for it and is not kept.
  virtual void invalidate(const std::string& customer) = 0;

  virtual CacheUse use() const = 0;
};

}  // namespace costagent
