// Rows into a table in bulk: COPY … FROM STDIN (FORMAT binary).
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "io/postgresql.h"

namespace io {

// One COPY. Its rows are there once `finish` returned, and the transaction around it, if there is one, was committed;
// one that is not finished leaves none, and its transaction can only be rolled back. One thread; the connection must
// outlive it and is not used otherwise meanwhile.
//
// It holds 64 KiB of rows, or one row that is longer. A server that is slower than the caller holds him up, until the
// time is over: then the connection is lost, as it is when the server breaks it off. What the server has against a row
// (a full disk, a value out of range) is told by `finish`, whichever row it was.
class PostgresCopy {
 public:
  // `sql` is "COPY table (columns) FROM STDIN (FORMAT binary)". `until`, of the monotonic clock, is for all of it.
  static base::Result<PostgresCopy> begin(Postgres& connection, const char* sql, base::Nanoseconds until);
  PostgresCopy(PostgresCopy&& other) noexcept;
  PostgresCopy& operator=(PostgresCopy&&) = delete;
  ~PostgresCopy();

  // The next row, to be filled with a value for each column; then `end_row`.
  PostgresValues& row();
  base::Result<> end_row();

  // How many rows the table took.
  base::Result<std::int64_t> finish();

 private:
  PostgresCopy(Postgres& connection, base::Nanoseconds until);
  base::Result<> send();
  base::Result<PostgresRows> end(const char* reason, base::Nanoseconds until);

  Postgres* connection_;
  base::Nanoseconds until_;
  PostgresValues rows_;
  std::size_t row_start_ = 0;
};

}  // namespace io
