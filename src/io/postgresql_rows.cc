#include "io/postgresql_rows.h"

#include <libpq-fe.h>

#include <bit>
#include <charconv>

#include "io/big_endian.h"

namespace io {
namespace {

// Types by their numbers in PostgreSQL's catalogue, which never change (pg_type.dat).
constexpr unsigned kBoolean = 16;
constexpr unsigned kBigint = 20;
constexpr unsigned kSmallint = 21;
constexpr unsigned kInteger = 23;
constexpr unsigned kReal = 700;
constexpr unsigned kDouble = 701;

template <class T>
std::optional<T> parsed(std::string_view digits) {
  T value{};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_of(std::string_view bytes) {
  switch (bytes.size()) {
    case 2:
      return static_cast<std::int16_t>(get_big_endian<std::uint16_t>(bytes.data()));
    case 4:
      return static_cast<std::int32_t>(get_big_endian<std::uint32_t>(bytes.data()));
    case 8:
      return static_cast<std::int64_t>(get_big_endian<std::uint64_t>(bytes.data()));
    default:
      return std::nullopt;
  }
}

std::optional<double> number_of(unsigned type, std::string_view bytes) {
  switch (type) {
    case kSmallint:
    case kInteger:
    case kBigint: {
      const auto whole = whole_of(bytes);
      return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
    }
    case kReal:
      return std::bit_cast<float>(get_big_endian<std::uint32_t>(bytes.data()));
    case kDouble:
      return std::bit_cast<double>(get_big_endian<std::uint64_t>(bytes.data()));
    default:
      return std::nullopt;
  }
}

}  // namespace

PostgresRows::PostgresRows(pg_result* result) : result_(result) {}
void PostgresRows::Clear::operator()(pg_result* result) const { ::PQclear(result); }
int PostgresRows::size() const { return ::PQntuples(result_.get()); }
int PostgresRows::columns() const { return ::PQnfields(result_.get()); }
int PostgresRows::column(const char* name) const { return ::PQfnumber(result_.get(), name); }
bool PostgresRows::is_null(int row, int column) const { return ::PQgetisnull(result_.get(), row, column) != 0; }

std::string_view PostgresRows::text(int row, int column) const {
  return {::PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(::PQgetlength(result_.get(), row, column))};
}

std::optional<double> PostgresRows::number(int row, int column) const {
  if (column < 0 || is_null(row, column)) return std::nullopt;
  const std::string_view value = text(row, column);
  if (::PQfformat(result_.get(), column) != 0) return number_of(::PQftype(result_.get(), column), value);
  return parsed<double>(value);
}

std::int64_t PostgresRows::integer(int row, int column) const {
  if (is_null(row, column)) return 0;
  const std::string_view value = text(row, column);
  if (::PQfformat(result_.get(), column) != 0) return whole_of(value).value_or(0);
  return parsed<std::int64_t>(value).value_or(0);
}

bool PostgresRows::boolean(int row, int column) const {
  if (is_null(row, column) || ::PQftype(result_.get(), column) != kBoolean) return false;
  const std::string_view value = text(row, column);
  return ::PQfformat(result_.get(), column) != 0 ? value == std::string_view("\1", 1) : value == "t";
}

std::string_view PostgresRows::command() const { return ::PQcmdStatus(result_.get()); }

std::int64_t PostgresRows::affected() const { return parsed<std::int64_t>(::PQcmdTuples(result_.get())).value_or(0); }

}  // namespace io
