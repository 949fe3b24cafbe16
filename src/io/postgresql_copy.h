// Rows into a table in bulk: COPY … FROM STDIN (FORMAT binary).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/result.h"
#include "io/postgresql.h"

namespace io {

// One COPY. Its rows are there once `finish` returned, and the transaction around it, if there is one, was committed;
// one that is not finished leaves none, and its transaction can only be rolled back. One thread; the connection must
// outlive it and is not used otherwise meanwhile.
//
// Rows are sent while the next are made: what the connection does not take at once is kept, up to 4 MiB, and sent when
// rows follow or `advance` is called. A server that is slower than that holds the caller up, until the time is over:
// then the connection is lost, as it is when the server breaks it off. What the server has against a row (a full disk,
// a value out of range) is told by `finish`, whichever row it was.
class PostgresCopy {
 public:
  // `sql` is "COPY table (columns) FROM STDIN (FORMAT binary)"; statements before it, separated by ';', are of the same
  // transaction. `until`, of the monotonic clock, is for all of it.
  static base::Result<PostgresCopy> begin(Postgres& connection, const char* sql, base::Nanoseconds until);
  PostgresCopy(PostgresCopy&& other) noexcept;
  PostgresCopy& operator=(PostgresCopy&&) = delete;
  ~PostgresCopy();

  // The next row, to be filled with a value for each column; then `end_row`.
  PostgresValues& row();
  base::Result<> end_row();

  // Sends what the connection takes now, without waiting.
  base::Result<> advance();

  // No row follows: the server can end it while the caller does something else, and `finish` waits for less.
  base::Result<> close();

  // How many rows the table took. Closes it first where that was not done.
  base::Result<std::int64_t> finish();

 private:
  // What is kept for a connection that takes nothing: some tens of milliseconds of rows.
  static constexpr std::size_t kMostUnsent = std::size_t{4} * 1024 * 1024;

  PostgresCopy(Postgres& connection, base::Nanoseconds until);
  base::Result<> hand_over();
  base::Result<> send(std::size_t most_unsent, base::Nanoseconds until);
  base::Result<> end(const char* reason, base::Nanoseconds until);

  Postgres* connection_;
  base::Nanoseconds until_;
  std::size_t unsent_ = 0;  // at most: libpq doesn't tell
  bool closed_ = false;
  PostgresValues rows_;
  std::size_t row_start_ = 0;
};

}  // namespace io
