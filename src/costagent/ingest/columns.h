// Columns found by name, whatever their order.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace costagent {

inline constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

// A column that somebody looks for, under any of these names; the first that the file has is taken.
struct ColumnWanted {
  std::vector<std::string_view> names;
  bool required = false;
  // What is done without it, as the end of "it has no NAME: …"; empty when nobody need know.
  std::string_view otherwise{};
};

// What a name is known by when its spelling differs: its letters and digits, in small letters. `lineItem/UsageType`,
// `line_item_usage_type` and `Line Item Usage Type` are one.
std::string column_key(std::string_view name);

// The position of each wanted column in the header, or kNoColumn. A column of just that name (letter case and spaces
// around it ignored) comes before one of the same key.
// Fails (invalid) with a sentence that names all required columns that are missing, with the nearest name the file has,
// or a wanted name that stands there twice.
base::Result<std::vector<std::size_t>> find_columns(std::span<const std::string_view> header,
                                                    std::span<const ColumnWanted> wanted);

// Empty, or NULL as some exports write it.
inline bool is_null(std::string_view field) { return field.empty() || field == "NULL" || field == "null"; }

// What is wrong with a line: the rest of the file is not concerned.
struct LineProblem {
  std::size_t column = kNoColumn;  // position in the header, where it is about one and there is a header
  std::string column_name;
  std::string message;
};

}  // namespace costagent
