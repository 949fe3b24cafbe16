// Any bytes are rows of data, as CSV and as JSON lines, or a complaint about them: never a crash, never a row of
// another width, and never a message without its place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "loadlab/plan/table.h"

namespace {

using loadlab::Table;
using loadlab::TableFormat;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Table& table) {
  require(!table.columns().empty() && table.columns().size() <= loadlab::kMostColumns);
  require(table.rows() > 0 && table.rows() <= loadlab::kMostRows);
  require(table.bytes() <= loadlab::kMostTableBytes);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t column = 0; column < table.columns().size(); ++column)
      require(table.value(row, column).size() <= loadlab::kLongestValue);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const TableFormat format : {TableFormat::csv, TableFormat::json_lines}) {
    const auto table = loadlab::read_table(text, format, "data");
    if (table) {
      check(*table);
    } else {
      require(table.error().message.starts_with("data:"));
    }
  }
  return 0;
}
