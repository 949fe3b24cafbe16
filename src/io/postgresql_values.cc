#include "io/postgresql_values.h"

#include <bit>
#include <cassert>

#include "io/big_endian.h"

namespace io {
namespace {

constexpr std::uint32_t kTextType = 25;  // pg_type.dat
constexpr std::size_t kGroup = 4;        // a numeric's digits stand in groups of four: base 10,000
constexpr std::uint16_t kNegative = 0x4000;

// The group of digits that begins at `from`, which may lie before the first digit; zeros where there are none.
std::uint16_t group_at(std::string_view digits, std::ptrdiff_t from) {
  unsigned value = 0;
  for (std::ptrdiff_t i = from; i < from + static_cast<std::ptrdiff_t>(kGroup); ++i) {
    const bool there = i >= 0 && i < static_cast<std::ptrdiff_t>(digits.size());
    value = value * 10 + (there ? static_cast<unsigned>(digits[static_cast<std::size_t>(i)] - '0') : 0);
  }
  return static_cast<std::uint16_t>(value);
}

}  // namespace

void PostgresValues::begin(std::size_t length) {
  append_big_endian(encoded_, static_cast<std::uint32_t>(length));
  ++count_;
}

PostgresValues& PostgresValues::text(std::string_view value) {
  begin(value.size());
  encoded_.append(value);
  return *this;
}

PostgresValues& PostgresValues::bytes(std::string_view value) { return text(value); }

PostgresValues& PostgresValues::int16(std::int16_t value) {
  begin(sizeof value);
  append_big_endian(encoded_, static_cast<std::uint16_t>(value));
  return *this;
}

PostgresValues& PostgresValues::int32(std::int32_t value) {
  begin(sizeof value);
  append_big_endian(encoded_, static_cast<std::uint32_t>(value));
  return *this;
}

PostgresValues& PostgresValues::int64(std::int64_t value) {
  begin(sizeof value);
  append_big_endian(encoded_, static_cast<std::uint64_t>(value));
  return *this;
}

PostgresValues& PostgresValues::real(double value) {
  begin(sizeof value);
  append_big_endian(encoded_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

PostgresValues& PostgresValues::boolean(bool value) {
  begin(1);
  encoded_ += value ? '\1' : '\0';
  return *this;
}

// The form of numeric_recv: how many groups, the first one's place (0: the units), the sign, how many digits stand
// behind the point, and the groups, without zeros at either end.
PostgresValues& PostgresValues::numeric(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const auto point = digits.find('.');
  const std::string_view before = digits.substr(0, point);
  const std::string_view after = point == std::string_view::npos ? std::string_view{} : digits.substr(point + 1);
  assert(!before.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos);

  begin(0);
  const std::size_t length_at = encoded_.size() - sizeof(std::uint32_t);
  encoded_.append(4 * sizeof(std::uint16_t), '\0');
  const auto whole_groups = static_cast<std::ptrdiff_t>((before.size() + kGroup - 1) / kGroup);
  const auto all_groups = whole_groups + static_cast<std::ptrdiff_t>((after.size() + kGroup - 1) / kGroup);
  std::ptrdiff_t first = -1;  // the first group that isn't zero
  std::ptrdiff_t last = -1;
  for (std::ptrdiff_t i = 0; i < all_groups; ++i) {
    constexpr auto kWide = static_cast<std::ptrdiff_t>(kGroup);
    const std::uint16_t group =
        i < whole_groups ? group_at(before, static_cast<std::ptrdiff_t>(before.size()) - (whole_groups - i) * kWide)
                         : group_at(after, (i - whole_groups) * kWide);
    if (group == 0 && first < 0) continue;
    if (first < 0) first = i;
    if (group != 0) last = i;
    append_big_endian(encoded_, group);
  }
  const std::ptrdiff_t groups = first < 0 ? 0 : last - first + 1;
  encoded_.resize(length_at + sizeof(std::uint32_t) + static_cast<std::size_t>(4 + groups) * sizeof(std::uint16_t));
  char* const at = encoded_.data() + length_at;
  put_big_endian(static_cast<std::uint32_t>(encoded_.size() - length_at - sizeof(std::uint32_t)), at);
  put_big_endian(static_cast<std::uint16_t>(groups), at + 4);
  put_big_endian(static_cast<std::uint16_t>(first < 0 ? 0 : whole_groups - 1 - first), at + 6);
  put_big_endian(negative && groups > 0 ? kNegative : std::uint16_t{0}, at + 8);
  put_big_endian(static_cast<std::uint16_t>(after.size()), at + 10);
  return *this;
}

// The form of array_recv: one dimension that counts from 1, no nulls.
PostgresValues& PostgresValues::texts(std::span<const std::string> values) {
  begin(0);
  const std::size_t length_at = encoded_.size() - sizeof(std::uint32_t);
  append_big_endian(encoded_, std::uint32_t{values.empty() ? 0U : 1U});
  append_big_endian(encoded_, std::uint32_t{0});
  append_big_endian(encoded_, kTextType);
  if (!values.empty()) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(values.size()));
    append_big_endian(encoded_, std::uint32_t{1});
  }
  for (const std::string& value : values) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(value.size()));
    encoded_ += value;
  }
  put_big_endian(static_cast<std::uint32_t>(encoded_.size() - length_at - sizeof(std::uint32_t)),
                 encoded_.data() + length_at);
  return *this;
}

PostgresValues& PostgresValues::null() {
  begin(static_cast<std::uint32_t>(-1));
  return *this;
}

}  // namespace io
