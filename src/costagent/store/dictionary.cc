#include "costagent/store/dictionary.h"

#include "costagent/store/queries.h"

namespace costagent {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;

// A text in a map: its bytes, and about as much as the map's node and the string object around them take.
std::size_t bytes_of(std::string_view text) { return text.size() + 100; }

}  // namespace

base::Result<std::optional<std::int64_t>> find_in_dictionary(io::Sqlite& connection, std::string_view text) {
  const auto select = connection.cached(kIdOfText);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, text);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<std::int64_t>();
  const std::int64_t id = (*select)->integer(0);
  (*select)->reset();
  return std::optional(id);
}

base::Result<std::int64_t> DictionaryWriter::id(io::Sqlite& connection, std::string_view text) {
  if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
  if (bytes_ >= kMaxBytes) forget();
  const auto stored = find_in_dictionary(connection, text);
  if (!stored) return base::pass_on(stored);
  std::int64_t id = 0;
  if (*stored) {
    id = **stored;
  } else {
    const auto insert = connection.cached(kAddText);
    if (!insert) return base::pass_on(insert);
    if (const auto added = (*insert)->bind(1, text).run(); !added) return base::pass_on(added);
    id = connection.last_insert_id();
  }
  ids_.emplace(std::string(text), id);
  bytes_ += bytes_of(text);
  return id;
}

base::Result<std::string> text_in_dictionary(io::Sqlite& connection, RememberedTexts& texts, std::int64_t id) {
  if (auto known = texts.find(id)) return std::move(*known);
  const auto select = connection.cached(kTextOfId);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, id);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return base::fail(base::ErrorKind::corrupt, "the database's dictionary has no entry {}", id);
  std::string text((*select)->text(0));
  (*select)->reset();
  texts.keep(id, text);
  return text;
}

}  // namespace costagent
