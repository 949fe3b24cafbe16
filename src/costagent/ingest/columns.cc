#include "costagent/ingest/columns.h"

#include <algorithm>
#include <set>

#include "base/nearest.h"

namespace costagent {
namespace {

std::string normalised(std::string_view name) {
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

std::string describe_missing(const ColumnWanted& wanted, std::span<const std::string_view> header) {
  std::string text(wanted.names.front());
  const std::vector<std::string_view> known(header.begin(), header.end());
  if (const auto near = base::nearest(wanted.names.front(), known)) text += fmt::format(" (is it '{}'?)", *near);
  return text;
}

// Why a first line of which nothing is known is no line of CSV; empty if it may be one.
std::string_view other_form(std::span<const std::string_view> header) {
  const std::string_view first = header.empty() ? std::string_view() : header.front();
  if (first.starts_with("PAR1")) return "it is a Parquet file; export it as CSV";
  if (first.starts_with("\xFF\xFE") || first.starts_with("\xFE\xFF")) return "it is UTF-16; save it as UTF-8";
  if (header.size() > 1) return {};
  if (first.find(';') != std::string_view::npos) return "its columns are separated by ';'; export it with ','";
  if (first.find('\t') != std::string_view::npos) return "its columns are separated by tabs; export it with ','";
  return {};
}

}  // namespace

base::Result<std::vector<std::size_t>> find_columns(std::span<const std::string_view> header,
                                                    std::span<const ColumnWanted> wanted) {
  if (const auto form = other_form(header); !form.empty()) return base::fail(base::ErrorKind::invalid, "{}", form);
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const std::string_view name : header) {
    names.push_back(normalised(name));
    if (!names.back().empty() && !seen.insert(names.back()).second) {
      return base::fail(base::ErrorKind::invalid, "the column '{}' stands in the header twice", name);
    }
  }
  std::vector<std::size_t> positions;
  std::string missing;
  for (const ColumnWanted& column : wanted) {
    std::size_t position = kNoColumn;
    for (const std::string_view name : column.names) {
      const auto found = std::find(names.begin(), names.end(), normalised(name));
      if (found == names.end()) continue;
      position = static_cast<std::size_t>(found - names.begin());
      break;
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
