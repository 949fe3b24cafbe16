// The answers that a process keeps: bounded in bytes, the one unused for longest goes first, and each for a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "costagent/domain/answer_cache.h"

namespace costagent {

// A customer's answers are all of one version: as soon as one of another is looked for or kept, the others go, since
// nobody will ask for them again. Times are monotonic. Not thread-safe.
class KeptAnswers {
 public:
  // `max_bytes`: keys and answers together, with kEntryBytes each for keeping them.
  KeptAnswers(std::size_t max_bytes, base::Nanoseconds time_to_live)
      : max_bytes_(max_bytes), time_to_live_(time_to_live) {}
  KeptAnswers(const KeptAnswers&) = delete;
  KeptAnswers& operator=(const KeptAnswers&) = delete;

  // Nodes of a list and of a table, two strings and a control block, as the allocator rounds them.
  static constexpr std::size_t kEntryBytes = 256;

  // The answer, or null.
  Answer find(const AnswerKey& key, base::Nanoseconds now);

  // Keeps it, in place of one of the same key. One larger than a quarter of the whole is not kept, lest it drive out
  // all others. For want of memory it throws, and the answer is not kept.
  void put(const AnswerKey& key, Answer answer, base::Nanoseconds now);

  void drop(const std::string& customer);
  void clear();

  // Fills in what it holds, and how many it dropped for which reason.
  void tell(CacheUse& use) const;

 private:
  struct Customer;
  struct Entry {
    std::pair<const std::string, Customer>* owner;  // of customers_: there until its last entry goes
    std::string question;
    Answer answer;
    base::Nanoseconds expires;
    std::size_t bytes() const { return owner->first.size() + question.size() + answer->size() + kEntryBytes; }
  };
  using Entries = std::list<Entry>;  // the last used first
  struct Customer {
    std::int64_t version = 0;
    std::unordered_map<std::string_view, Entries::iterator> by_question{};  // views of the entries' questions
  };

  // Takes the customer away with its last entry.
  void erase(Entries::iterator entry);
  void drop_expired(base::Nanoseconds now);
  // The customer's answers, if they are of the version; else they go.
  Customer* of_version(const AnswerKey& key);

  const std::size_t max_bytes_;
  const base::Nanoseconds time_to_live_;
  Entries entries_;
  std::unordered_map<std::string, Customer> customers_;
  std::size_t bytes_ = 0;
  std::uint64_t evictions_ = 0;
  std::uint64_t expirations_ = 0;
  std::uint64_t invalidations_ = 0;
};

}  // namespace costagent
