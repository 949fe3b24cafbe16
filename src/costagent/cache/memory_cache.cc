#include "costagent/cache/memory_cache.h"

namespace costagent {

std::shared_ptr<const std::string> MemoryCache::find(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->answer;
}

void MemoryCache::put(std::string key, std::shared_ptr<const std::string> answer) {
  Entry entry{std::move(key), std::move(answer)};
  if (entry.bytes() > max_bytes_ / 4) return;
  const std::lock_guard lock(mutex_);
  if (const auto known = by_key_.find(entry.key); known != by_key_.end()) drop(known->second);
  bytes_ += entry.bytes();
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
  while (bytes_ > max_bytes_) drop(std::prev(entries_.end()));
}

void MemoryCache::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

std::size_t MemoryCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace costagent
