// Answers kept in the memory of one process, each made once for all who ask for it at the same time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "costagent/cache/kept_answers.h"
#include "costagent/domain/answer_cache.h"

namespace costagent {

struct MemoryCacheOptions {
  // Some thousands of analyses.
  std::size_t max_bytes = std::size_t{32} * 1024 * 1024;
  // Answers don't grow old: this bounds how long memory is held for what nobody asks for any more.
  base::Nanoseconds time_to_live = std::chrono::minutes(10);
  // How long one waits for another who makes the answer: as long as a person would. To begin anew then would only add
  // to what is too much already.
  base::Nanoseconds patience = std::chrono::seconds(30);
};

class MemoryCache final : public AnswerCache {
 public:
  // The clock, which times what is kept, must outlive it.
  MemoryCache(const MemoryCacheOptions& options, const base::Clock& clock)
      : options_(options), clock_(clock), kept_(options.max_bytes, options.time_to_live) {}

  base::Result<Answer> get_or_make(const AnswerKey& key, const MakeAnswer& make) override;
  void invalidate(const std::string& customer) override;
  CacheUse use() const override;

  // As get_or_make, but neither looks for what is kept nor keeps what is made.
  base::Result<Answer> make_once(const AnswerKey& key, const MakeAnswer& make);

  // Invalidates every customer.
  void invalidate_all();

 private:
  // An answer that is being made.
  struct Flight {
    std::string customer;
    bool keep = true;
    bool ended = false;
    std::optional<base::Result<Answer>> outcome{};  // nothing, too, if there was no memory to tell one
    std::condition_variable landed{};
  };
  using Flights = std::unordered_map<std::string, std::shared_ptr<Flight>>;

  // Nothing where it has to be tried again: what ran out was the time of the other request, and not of this one, or the
  // memory for its end.
  std::optional<base::Result<Answer>> join_or_make(std::unique_lock<std::mutex> lock, const AnswerKey& key,
                                                   const MakeAnswer& make, bool keep);
  std::optional<base::Result<Answer>> wait_for(std::unique_lock<std::mutex> lock,
                                               const std::shared_ptr<Flight>& flight);
  // Of a maker that threw there is no answer.
  void land(const std::string& id, const AnswerKey& key, Flight& flight, const base::Result<Answer>* made);

  const MemoryCacheOptions options_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  KeptAnswers kept_;
  Flights flights_;  // at most as many as requests are in flight
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  std::uint64_t waits_ = 0;
};

}  // namespace costagent
