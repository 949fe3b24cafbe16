#include "loadlab/history/rows.h"

#include <algorithm>

namespace loadlab::history {

std::int64_t milliseconds_of(base::UtcTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

base::UtcTime time_of(std::int64_t milliseconds) { return base::UtcTime(std::chrono::milliseconds(milliseconds)); }

void bind_optional(io::Statement& statement, int parameter, const std::optional<double>& value) {
  if (value) {
    statement.bind(parameter, *value);
  } else {
    statement.bind_null(parameter);
  }
}

std::optional<double> optional_real(const io::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.real(column);
}

Verdict verdict_of(const io::Statement& row, int column) {
  if (row.is_null(column)) return Verdict::error;
  return static_cast<Verdict>(std::clamp<std::int64_t>(row.integer(column), 0, 3));
}

Block block_of(const io::Statement& row) {
  Block block;
  block.begin_seconds = row.real(0);
  block.end_seconds = row.real(1);
  block.requests = static_cast<std::uint64_t>(row.integer(2));
  block.errors = static_cast<std::uint64_t>(row.integer(3));
  block.dropped = static_cast<std::uint64_t>(row.integer(4));
  block.users = row.real(5);
  block.cpu = optional_real(row, 6);
  block.memory = optional_real(row, 7);
  block.response = row.text(8);
  block.steps = row.text(9);
  return block;
}

}  // namespace loadlab::history
