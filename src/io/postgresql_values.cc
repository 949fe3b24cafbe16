#include "io/postgresql_values.h"

#include <array>
#include <bit>
#include <cassert>
#include <limits>
#include <vector>

#include "io/big_endian.h"

namespace io {
namespace {

// Types by their numbers in PostgreSQL's catalogue (pg_type.dat).
constexpr std::uint32_t kByteaType = 17;
constexpr std::uint32_t kBigintType = 20;
constexpr std::uint32_t kTextType = 25;

constexpr auto kNull = static_cast<std::uint32_t>(-1);  // in place of a length

constexpr std::size_t kGroup = 4;  // a numeric's digits stand in groups of four: base 10,000
constexpr std::uint16_t kNegative = 0x4000;

constexpr std::uint64_t kBase = 10'000;
// The groups of a base::Decimal, on either side of the point.
constexpr std::size_t kWholeGroups = 10;
constexpr std::size_t kFractionGroups = base::Decimal::kPlaces / kGroup;
using Groups = std::array<std::uint16_t, kWholeGroups + kFractionGroups>;

// Writes a number's groups so that the last stands before `end`.
template <class Number>
void write_groups(Number number, Groups& groups, std::size_t end) {
  for (; number != 0; number /= kBase) groups[--end] = static_cast<std::uint16_t>(number % kBase);
}

// Numbers of 128 bits are divided as seldom as can be: that costs ten times as much as 64.
void write_fraction(base::Int128 fraction, Groups& groups) {
  constexpr base::Int128 kFourGroups = 10'000'000'000'000'000;
  constexpr base::Int128 kFiveGroups = kFourGroups * kBase;
  if (fraction == 0) return;
  const auto upper = static_cast<std::uint64_t>(fraction / kFiveGroups);
  write_groups(upper, groups, kWholeGroups + 4);
  const base::Int128 rest = fraction % kFiveGroups;
  if (rest == 0) return;
  write_groups(static_cast<std::uint64_t>(rest / kBase), groups, kWholeGroups + 8);
  groups.back() = static_cast<std::uint16_t>(rest % kBase);
}

// How many digits of the last of the fraction's groups are zeros.
std::size_t zeros_at_end(std::uint16_t group) {
  return group % 1000 == 0 ? 3 : group % 100 == 0 ? 2 : group % 10 == 0 ? 1 : 0;
}

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
  end_sized(length_at);
  put_big_endian(static_cast<std::uint16_t>(groups), at + 4);
  put_big_endian(static_cast<std::uint16_t>(first < 0 ? 0 : whole_groups - 1 - first), at + 6);
  put_big_endian(negative && groups > 0 ? kNegative : std::uint16_t{0}, at + 8);
  put_big_endian(static_cast<std::uint16_t>(after.size()), at + 10);
  return *this;
}

PostgresValues& PostgresValues::numeric(const base::Decimal& value) {
  const base::Decimal::Parts parts = value.parts();
  Groups groups{};
  if (parts.units <= std::numeric_limits<std::uint64_t>::max()) {
    write_groups(static_cast<std::uint64_t>(parts.units), groups, kWholeGroups);
  } else {
    write_groups(parts.units, groups, kWholeGroups);
  }
  write_fraction(parts.fraction, groups);
  std::size_t first = 0;
  std::size_t end = groups.size();
  while (first < end && groups[first] == 0) ++first;
  while (end > first && groups[end - 1] == 0) --end;
  const std::size_t places =
      first == end || end <= kWholeGroups ? 0 : (end - kWholeGroups) * kGroup - zeros_at_end(groups[end - 1]);
  begin((4 + end - first) * sizeof(std::uint16_t));
  append_big_endian(encoded_, static_cast<std::uint16_t>(end - first));
  append_big_endian(encoded_, static_cast<std::uint16_t>(first == end ? 0 : kWholeGroups - 1 - first));
  append_big_endian(encoded_, parts.negative ? kNegative : std::uint16_t{0});
  append_big_endian(encoded_, static_cast<std::uint16_t>(places));
  for (std::size_t i = first; i < end; ++i) append_big_endian(encoded_, groups[i]);
  return *this;
}

// The form of array_recv: one dimension that counts from 1, with nulls or without. Where its length stands.
std::size_t PostgresValues::begin_array(std::size_t size, std::uint32_t type, bool nulls) {
  begin(0);
  const std::size_t length_at = encoded_.size() - sizeof(std::uint32_t);
  append_big_endian(encoded_, std::uint32_t{size == 0 ? 0U : 1U});
  append_big_endian(encoded_, std::uint32_t{nulls ? 1U : 0U});
  append_big_endian(encoded_, type);
  if (size > 0) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(size));
    append_big_endian(encoded_, std::uint32_t{1});
  }
  return length_at;
}

void PostgresValues::end_sized(std::size_t length_at) {
  put_big_endian(static_cast<std::uint32_t>(encoded_.size() - length_at - sizeof(std::uint32_t)),
                 encoded_.data() + length_at);
}

PostgresValues& PostgresValues::texts(std::span<const std::string> values) {
  const std::size_t length_at = begin_array(values.size(), kTextType);
  for (const std::string& value : values) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(value.size()));
    encoded_ += value;
  }
  end_sized(length_at);
  return *this;
}

PostgresValues& PostgresValues::byte_strings(std::span<const std::string_view> values) {
  const std::size_t length_at = begin_array(values.size(), kByteaType);
  for (const std::string_view value : values) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(value.size()));
    encoded_ += value;
  }
  end_sized(length_at);
  return *this;
}

PostgresValues& PostgresValues::int64s(std::span<const std::int64_t> values) {
  const std::size_t length_at = begin_array(values.size(), kBigintType);
  for (const std::int64_t value : values) {
    append_big_endian(encoded_, static_cast<std::uint32_t>(sizeof value));
    append_big_endian(encoded_, static_cast<std::uint64_t>(value));
  }
  end_sized(length_at);
  return *this;
}

PostgresValues& PostgresValues::columns(std::span<const PostgresValues> rows, std::span<const std::uint32_t> types) {
  std::vector<std::size_t> at(rows.size(), 0);  // in each row, the value that comes next
  for (const std::uint32_t type : types) {
    const std::size_t length_at = begin_array(rows.size(), type, true);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view rest = std::string_view(rows[i].encoded_).substr(at[i]);
      const auto length = get_big_endian<std::uint32_t>(rest.data());
      const std::size_t size = sizeof length + (length == kNull ? 0 : length);
      encoded_ += rest.substr(0, size);
      at[i] += size;
    }
    end_sized(length_at);
  }
  return *this;
}

PostgresValues& PostgresValues::null() {
  begin(kNull);
  return *this;
}

}  // namespace io
