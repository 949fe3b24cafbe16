// Reads a Parquet file row by row, all columns as text, through DuckDB's C API.
//
// DuckDB's library has 70 MB and isn't among Debian's packages, so that it is an optional component: it is looked for
// when the first Parquet file comes, at what the environment's COSTAGENT_DUCKDB names, in `lib` beside the program's
// `bin`, and where the system's loader looks. Without it, everything but Parquet works.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace io {

// Not thread-safe. DuckDB is held to one thread and 256 MB.
class ParquetReader {
 public:
  // The file begins like one.
  static bool is_parquet(std::string_view beginning) { return beginning.starts_with("PAR1"); }

  // Fails with `invalid` when it is no Parquet file, or damaged; and when there is no DuckDB, with what to do.
  static base::Result<ParquetReader> open(const std::string& path);

  // Whether it failed for want of DuckDB: other files may be bills, and so may this one be elsewhere.
  static bool is_missing(const base::Error& error);

  ParquetReader(ParquetReader&&) noexcept;
  ~ParquetReader();

  const std::vector<std::string>& names() const;

  // The next row's fields, empty for NULL; false at the end. Decimals and times as SQL writes them (times in UTC), what
  // is nested as JSON. Views hold until the next row. Fails with `invalid` when the file is damaged.
  base::Result<bool> next(std::span<const std::string_view>& fields);

  std::uint64_t rows() const;  // of the whole file

 private:
  struct Query;
  explicit ParquetReader(std::unique_ptr<Query> query);
  std::unique_ptr<Query> query_;
};

}  // namespace io
