#include "io/postgresql_rows.h"

#include <libpq-fe.h>

#include <array>
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
constexpr unsigned kNumeric = 1700;

// A numeric's digits stand in groups of four, the first of which has a place: 0 is the one before the point.
constexpr int kGroupBase = 10'000;
constexpr int kWholeGroups = 10;  // that 38 digits may touch
constexpr int kFractionGroups = base::Decimal::kPlaces / 4;
constexpr std::uint16_t kNegative = 0x4000;

constexpr base::Int128 power_of(int groups) { return groups == 0 ? 1 : power_of(groups - 1) * kGroupBase; }
constexpr auto kPowers = [] {
  std::array<base::Int128, kWholeGroups> powers{};
  for (int i = 0; i < kWholeGroups; ++i) powers[static_cast<std::size_t>(i)] = power_of(i);
  return powers;
}();
// Of the first of them: 38 digits are two and nine groups.
constexpr int kMostInFirstGroup = 99;

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

// The form of numeric_send, see PostgresValues::numeric.
std::optional<base::Decimal> decimal_of(std::string_view bytes) {
  constexpr std::size_t kHead = 4 * sizeof(std::uint16_t);
  if (bytes.size() < kHead) return std::nullopt;
  const auto groups = get_big_endian<std::uint16_t>(bytes.data());
  const auto first = static_cast<std::int16_t>(get_big_endian<std::uint16_t>(bytes.data() + 2));
  const auto sign = get_big_endian<std::uint16_t>(bytes.data() + 4);
  if ((sign != 0 && sign != kNegative) || bytes.size() != kHead + groups * sizeof(std::uint16_t)) return std::nullopt;
  base::Decimal::Parts parts;
  parts.negative = sign == kNegative;
  for (int i = 0; i < groups; ++i) {
    const int place = first - i;
    const auto group =
        get_big_endian<std::uint16_t>(bytes.data() + kHead + static_cast<std::size_t>(i) * sizeof(std::uint16_t));
    if (place >= kWholeGroups || -place > kFractionGroups) return std::nullopt;
    if (place == kWholeGroups - 1 && group > kMostInFirstGroup) return std::nullopt;
    if (place >= 0) {
      parts.units += group * kPowers[static_cast<std::size_t>(place)];
    } else {
      parts.fraction += group * kPowers[static_cast<std::size_t>(kFractionGroups + place)];
    }
  }
  return base::Decimal::from_parts(parts);
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

std::optional<base::Decimal> PostgresRows::decimal(int row, int column) const {
  if (is_null(row, column) || ::PQfformat(result_.get(), column) == 0) return std::nullopt;
  if (::PQftype(result_.get(), column) != kNumeric) return std::nullopt;
  return decimal_of(text(row, column));
}

std::string_view PostgresRows::command() const { return ::PQcmdStatus(result_.get()); }

std::int64_t PostgresRows::affected() const { return parsed<std::int64_t>(::PQcmdTuples(result_.get())).value_or(0); }

}  // namespace io
