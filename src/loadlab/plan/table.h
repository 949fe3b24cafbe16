// Rows of texts under named columns: what a file of data holds, and where its rows are read from text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loadlab {

// A file is kept in memory, twice while it is read; what is larger makes no better load.
inline constexpr std::size_t kMostTableBytes = 100'000'000;
inline constexpr std::size_t kMostRows = 1'000'000;
inline constexpr std::size_t kMostColumns = 100;
inline constexpr std::size_t kLongestValue = 8000;  // as long as a header may be: a token is the longest of them

// Filled by one thread; then it may be read by all.
class Table {
 public:
  // At least one column.
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  // The next value: row by row, in the order of the columns.
  void append(std::string_view value);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t rows() const { return ends_.size() / columns_.size(); }
  std::string_view value(std::size_t row, std::size_t column) const;

  // What it takes in memory.
  std::size_t bytes() const { return text_.size() + ends_.size() * sizeof(ends_[0]); }

 private:
  std::vector<std::string> columns_;
  std::string text_;                 // all values, one behind the other
  std::vector<std::uint32_t> ends_;  // of each value, in text_
};

enum class TableFormat { csv, json_lines };

// By the name's ending: `.csv`; `.jsonl` or `.ndjson`.
std::optional<TableFormat> table_format(std::string_view file_name);

// CSV (RFC 4180) has its columns' names in its first line, and as many values in every other. JSON lines are objects of
// texts, numbers (which keep their digits), booleans and nulls (empty texts), all with the same keys. Empty lines are
// passed over. At least one row. Fails (invalid) with `NAME:LINE:COLUMN: what`.
base::Result<Table> read_table(std::string_view text, TableFormat format, const std::string& name);

}  // namespace loadlab
