#include "loadlab/plan/table.h"

namespace loadlab {

void Table::append(std::string_view value) {
  text_ += value;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
}

std::string_view Table::value(std::size_t row, std::size_t column) const {
  const std::size_t index = row * columns_.size() + column;
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

std::optional<TableFormat> table_format(std::string_view file_name) {
  if (file_name.ends_with(".csv")) return TableFormat::csv;
  if (file_name.ends_with(".jsonl") || file_name.ends_with(".ndjson")) return TableFormat::json_lines;
  return std::nullopt;
}

}  // namespace loadlab
