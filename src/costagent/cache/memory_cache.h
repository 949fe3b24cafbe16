// Answers kept in memory, bounded in bytes: the one unused for longest goes first.
//
// Nothing here grows old: what an answer rests on belongs into its key, so that an answer that no longer holds is never
// asked for again and goes in time.
#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace costagent {

// Thread-safe.
class MemoryCache {
 public:
  // Keys and answers together, with about 100 bytes an entry for keeping them.
  explicit MemoryCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // The answer, or null.
  std::shared_ptr<const std::string> find(std::string_view key);

  // Keeps it, in place of one of the same key. An answer larger than a quarter of the whole is not kept.
  void put(std::string key, std::shared_ptr<const std::string> answer);

  std::size_t bytes() const;

 private:
  static constexpr std::size_t kEntryBytes = 100;

  struct Entry {
    std::string key;
    std::shared_ptr<const std::string> answer;
    std::size_t bytes() const { return key.size() + answer->size() + kEntryBytes; }
  };
  using Entries = std::list<Entry>;  // the last used first

  void drop(Entries::iterator entry);

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of the entries' keys
  std::size_t bytes_ = 0;
};

}  // namespace costagent
