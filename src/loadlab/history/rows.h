// How values stand in the rows of a history: times as milliseconds since 1970, what is unknown as NULL.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "io/sqlite.h"
#include "loadlab/history/record.h"

namespace loadlab::history {

std::int64_t milliseconds_of(base::UtcTime time);
base::UtcTime time_of(std::int64_t milliseconds);
inline std::int64_t number_of(std::size_t number) { return static_cast<std::int64_t>(number); }

void bind_optional(io::Statement& statement, int parameter, const std::optional<double>& value);
std::optional<double> optional_real(const io::Statement& row, int column);
// NULL, and what is no verdict's number, is nobody's: error.
Verdict verdict_of(const io::Statement& row, int column);
// Of kBlocks.
Block block_of(const io::Statement& row);

}  // namespace loadlab::history
