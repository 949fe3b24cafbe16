#include "loadlab/plan/table_builder.h"

#include <algorithm>

namespace loadlab {

base::Result<> TableBuilder::set_columns(std::vector<std::string> columns, Position at) {
  if (columns.empty()) return fail(at, "no columns; the first line names them");
  if (columns.size() > kMostColumns)
    return fail(at, "{} columns are too many; at most {} are taken", columns.size(), kMostColumns);
  for (auto column = columns.begin(); column != columns.end(); ++column) {
    if (column->empty()) return fail(at, "column {} has no name", column - columns.begin() + 1);
    if (std::find(columns.begin(), column, *column) != column)
      return fail(at, "two columns are named '{}'; name them apart", shown(*column));
  }
  table_.emplace(std::move(columns));
  return {};
}

base::Result<> TableBuilder::add_row(const std::vector<std::string_view>& values, Position at) {
  if (table_->rows() == kMostRows) return fail(at, "more than {} rows; use fewer", kMostRows);
  for (const std::string_view value : values) {
    if (value.size() > kLongestValue) return fail(at, "a value is longer than {} bytes", kLongestValue);
    table_->append(value);
  }
  if (table_->bytes() > kMostTableBytes)
    return fail(at, "its rows take more than {} MB of memory; use fewer", kMostTableBytes / 1'000'000);
  return {};
}

base::Result<Table> TableBuilder::finish() {
  if (!table_) return fail({}, "it is empty; the first line names the columns");
  if (table_->rows() == 0) return fail({}, "it has no row, only the names of its columns");
  return std::move(*table_);
}

base::Result<Table> read_table(std::string_view text, TableFormat format, const std::string& name) {
  TableBuilder builder(name);
  return format == TableFormat::csv ? read_csv_table(text, std::move(builder))
                                    : read_json_lines_table(text, std::move(builder));
}

}  // namespace loadlab
