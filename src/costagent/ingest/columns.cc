#include "costagent/ingest/columns.h"

#include <algorithm>

#include "base/nearest.h"

namespace costagent {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string normalised(std::string_view name) {
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  std::string small(name);
  for (char& c : small) c = lower(c);
  return small;
}

std::string describe_missing(const ColumnWanted& wanted, std::span<const std::string_view> header) {
  std::string text(wanted.names.front());
  const std::vector<std::string_view> known(header.begin(), header.end());
  if (const auto near = base::nearest(wanted.names.front(), known)) text += fmt::format(" (is it '{}'?)", *near);
  return text;
}

// A header's names in the two forms they are compared in.
class HeaderNames {
 public:
  explicit HeaderNames(std::span<const std::string_view> header) : header_(header) {
    for (const std::string_view name : header) {
      names_.push_back(normalised(name));
      keys_.push_back(column_key(name));
    }
  }

  base::Result<std::size_t> find(std::string_view name) const {
    const auto position = find_in(names_, normalised(name));
    if (!position || *position != kNoColumn) return position;
    return find_in(keys_, column_key(name));
  }

 private:
  base::Result<std::size_t> find_in(const std::vector<std::string>& among, const std::string& name) const {
    const auto found = std::find(among.begin(), among.end(), name);
    if (found == among.end()) return kNoColumn;
    const auto again = std::find(found + 1, among.end(), name);
    if (again != among.end()) {
      return base::fail(base::ErrorKind::invalid, "the column '{}' stands in the header twice",
                        header_[static_cast<std::size_t>(again - among.begin())]);
    }
    return static_cast<std::size_t>(found - among.begin());
  }

  std::span<const std::string_view> header_;
  std::vector<std::string> names_;
  std::vector<std::string> keys_;
};

}  // namespace

std::string column_key(std::string_view name) {
  std::string key;
  for (const char c : name) {
    const char small = lower(c);
    if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9')) key += small;
  }
  return key;
}

base::Result<std::vector<std::size_t>> find_columns(std::span<const std::string_view> header,
                                                    std::span<const ColumnWanted> wanted) {
  const HeaderNames names(header);
  std::vector<std::size_t> positions;
  std::string missing;
  for (const ColumnWanted& column : wanted) {
    std::size_t position = kNoColumn;
    for (const std::string_view name : column.names) {
      const auto found = names.find(name);
      if (!found) return base::pass_on(found);
      position = *found;
      if (position != kNoColumn) break;
    }
    positions.push_back(position);
    if (position != kNoColumn || !column.required) continue;
    if (!missing.empty()) missing += ", ";
    missing += describe_missing(column, header);
  }
  if (missing.empty()) return positions;
  return base::fail(base::ErrorKind::invalid, "its first line lacks these columns: {}", missing);
}

}  // namespace costagent
