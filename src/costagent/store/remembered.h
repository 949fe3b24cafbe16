// What readers need not ask a database for again: texts and slices never change their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "costagent/store/slice.h"

namespace costagent {

// By their numbers. Thread-safe; what was read once is kept, up to 64 MB, and past that it begins anew. Only numbers
// that something published refers to belong here: those are on the disk, while a server that crashes may give others
// to something else.
class RememberedTexts {
 public:
  std::optional<std::string> find(std::int64_t id) const;
  bool has(std::int64_t id) const;
  void keep(std::int64_t id, std::string text);

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, std::string> texts_;
  std::size_t bytes_ = 0;
};

class RememberedSlices {
 public:
  std::optional<SliceIds> find(std::int64_t id) const;
  bool has(std::int64_t id) const;
  void keep(std::int64_t id, const SliceIds& columns);

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, SliceIds> slices_;
};

}  // namespace costagent
