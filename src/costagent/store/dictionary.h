// Text by its number: what repeats in bills is stored once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "costagent/store/remembered.h"
#include "io/sqlite.h"

namespace costagent {

// Numbers for a writer to store. Not thread-safe: it goes with the writing connection, and is forgotten when a
// transaction that added to it is rolled back. Bounded: past 64 MB it starts afresh, as it only saves look-ups.
class DictionaryWriter {
 public:
  base::Result<std::int64_t> id(io::Sqlite& connection, std::string_view text);
  void forget() {
    ids_.clear();
    bytes_ = 0;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
  std::size_t bytes_ = 0;
};

// The number of a text, or none if no bill has it.
base::Result<std::optional<std::int64_t>> find_in_dictionary(io::Sqlite& connection, std::string_view text);

// The text of a number, from memory where it is there.
base::Result<std::string> text_in_dictionary(io::Sqlite& connection, RememberedTexts& texts, std::int64_t id);

}  // namespace costagent
