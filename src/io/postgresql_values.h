// Values in PostgreSQL's binary form: the parameters of a statement, or a row of a COPY.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/decimal.h"

namespace io {

// Values in the order of a statement's $1, $2 …, or of a row's columns. The server takes each for what it expects there
// without a look at what it is: its type must be the one named here, so that a statement casts (`$1::bigint`) wherever
// the type doesn't follow from a column. A plain value, which one thread uses at a time.
class PostgresValues {
 public:
  PostgresValues& text(std::string_view value);   // text; UTF-8 without the character 0, which the server refuses
  PostgresValues& bytes(std::string_view value);  // bytea
  PostgresValues& int16(std::int16_t value);      // smallint
  PostgresValues& int32(std::int32_t value);      // integer
  PostgresValues& int64(std::int64_t value);      // bigint
  PostgresValues& real(double value);             // double precision
  PostgresValues& boolean(bool value);            // boolean
  // numeric, from digits as base::Decimal writes them: an optional minus, digits, and maybe a point and more.
  PostgresValues& numeric(std::string_view digits);
  PostgresValues& numeric(const base::Decimal& value);
  PostgresValues& texts(std::span<const std::string> values);              // text[]
  PostgresValues& byte_strings(std::span<const std::string_view> values);  // bytea[]
  PostgresValues& int64s(std::span<const std::int64_t> values);            // bigint[]
  PostgresValues& null();
  // Of rows with as many values each, a list for each column, as unnest takes them; `types` are those of the columns,
  // by their numbers in PostgreSQL's catalogue.
  PostgresValues& columns(std::span<const PostgresValues> rows, std::span<const std::uint32_t> types);

  int count() const { return count_; }

  // One after the other: its length in four bytes (-1 for null), then its bytes.
  const std::string& encoded() const { return encoded_; }

 private:
  friend class PostgresCopy;
  void begin(std::size_t length);
  std::size_t begin_array(std::size_t size, std::uint32_t type, bool nulls = false);
  void end_sized(std::size_t length_at);

  std::string encoded_;
  int count_ = 0;
};

}  // namespace io
