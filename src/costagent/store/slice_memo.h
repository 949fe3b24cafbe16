// The slices that a delivery has met, numbered from 0 as they come, until they have their numbers in the database.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "costagent/domain/charge.h"
#include "costagent/store/load_sink.h"

namespace costagent {

// Bounded: once it is `full`, whoever uses it resolves, lets go of all local numbers, and clears it. Not thread-safe.
class SliceMemo {
 public:
  // The charge's slice by its local number.
  std::uint32_t find_or_add(const Charge& charge);

  // Asks for the numbers of all that are new, within a chunk.
  base::Result<> resolve(LoadSink& sink);

  bool full() const { return bytes_ >= kMaxBytes; }
  std::size_t size() const { return keys_.size(); }
  void clear();

  // Of resolved slices.
  std::int64_t id(std::uint32_t local) const { return ids_[local]; }
  const SliceIds& columns(std::uint32_t local) const { return columns_[local]; }

 private:
  // Some 100,000 slices; a month's bill of a large company has a few ten thousand.
  static constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;
  // Of the map's node, the key and the numbers, beside the key's text.
  static constexpr std::size_t kEntryBytes = 280;

  // What a resource of a slice that isn't resolved yet is called.
  struct Naming {
    std::uint32_t slice = 0;
    std::string name;
    std::string type;
  };

  void write_key(const Charge& charge);

  std::string key_;               // of the charge at hand: every text behind its length
  std::deque<std::string> keys_;  // by local number
  std::unordered_map<std::string_view, std::uint32_t> locals_;
  std::vector<SliceIds> columns_;
  std::vector<std::int64_t> ids_;
  std::vector<Naming> namings_;
  std::size_t bytes_ = 0;
};

}  // namespace costagent
