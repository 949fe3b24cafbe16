#include "base/decimal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace base {
namespace {

constexpr Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

constexpr int kUnitDigits = 18;
constexpr int kSumDigits = 38;

constexpr auto kPowers = [] {
  std::array<Int128, kSumDigits> powers{};
  for (int i = 0; i < kSumDigits; ++i) powers[static_cast<std::size_t>(i)] = power_of_ten(i);
  return powers;
}();
constexpr Int128 kOne = kPowers[Decimal::kPlaces];
constexpr int kExponentLimit = 400;  // what a double's text can hold; keeps the sums of positions far from overflow

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Halves of the places: numbers of 64 bits, as dividing 128 bits costs ten times as much.
constexpr int kHalfPlaces = Decimal::kPlaces / 2;
constexpr Int128 kHalf = kPowers[kHalfPlaces];

// Writes the digits, and returns where they end.
char* write_units(Int128 value, char* to) {
  assert(value >= 0);
  if (value < kHalf) {
    const fmt::format_int digits(static_cast<std::uint64_t>(value));
    return std::copy_n(digits.data(), digits.size(), to);
  }
  std::array<char, kSumDigits + 1> digits;
  char* begin = digits.data() + digits.size();
  for (; value != 0; value /= 10) *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
  return std::copy(begin, digits.data() + digits.size(), to);
}

// 00 to 99, to write two digits with one division.
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

void write_nine(std::uint32_t value, char* to) {
  for (int i = 7; i > 0; i -= 2, value /= 100) std::memcpy(to + i, kPairs.data() + 2 * std::size_t{value % 100}, 2);
  to[0] = static_cast<char>('0' + value);
}

// All digits of half the places, zeros in front; returns where they end.
char* write_half(std::uint64_t half, char* to) {
  constexpr std::uint64_t kBillion = 1'000'000'000;
  write_nine(static_cast<std::uint32_t>(half / kBillion), to);
  write_nine(static_cast<std::uint32_t>(half % kBillion), to + 9);
  return to + kHalfPlaces;
}

// What nearly every figure of a bill is: a sign, up to 18 digits and, behind a point, up to 18 more, so that 64 bits
// hold either.
struct Plain {
  bool negative = false;
  std::uint64_t units = 0;
  std::uint64_t places = 0;
  int place_count = 0;
};

// Takes digits off the front; how many.
int take_digits(const char*& at, const char* end, std::uint64_t& value) {
  const char* begin = at;
  for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  return static_cast<int>(std::min<std::ptrdiff_t>(at - begin, kHalfPlaces + 1));
}

// False when it is of another form, or wrong.
bool read_plain(std::string_view text, Plain& plain) {
  const char* at = text.data();
  const char* end = at + text.size();
  if (at != end && (*at == '-' || *at == '+')) plain.negative = *at++ == '-';
  const int unit_count = take_digits(at, end, plain.units);
  if (at != end && *at == '.') plain.place_count = take_digits(++at, end, plain.places);
  return at == end && unit_count + plain.place_count > 0 && unit_count <= kHalfPlaces &&
         plain.place_count <= kHalfPlaces;
}

// The exponent after an E: an optional sign and one to four digits, and nothing else.
bool parse_exponent(std::string_view text, int& exponent) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 4) return false;
  exponent = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    exponent = exponent * 10 + (c - '0');
  }
  if (negative) exponent = -exponent;
  return exponent >= -kExponentLimit && exponent <= kExponentLimit;
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) { return parse_below(kUnitDigits, text); }

Result<Decimal> Decimal::parse_sum(std::string_view text) { return parse_below(kSumDigits, text); }

Result<Decimal> Decimal::parse_below(int unit_digits, std::string_view text) {
  if (Plain plain; read_plain(text, plain)) {
    Decimal value;
    value.units_ = plain.units;
    value.fraction_ = plain.places * kPowers[static_cast<std::size_t>(kPlaces - plain.place_count)];
    return plain.negative ? -value : value;
  }
  const auto refuse = [text](std::string_view why) {
    return fail(ErrorKind::invalid, "'{}' is not a number this can hold exactly: {}", text.substr(0, 64), why);
  };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  int exponent = 0;
  std::string_view mantissa = rest;
  if (const auto e = rest.find_first_of("eE"); e != std::string_view::npos) {
    mantissa = rest.substr(0, e);
    if (!parse_exponent(rest.substr(e + 1), exponent)) return refuse("its exponent is wrong");
  }
  const auto point = mantissa.find('.');
  const std::string_view before = mantissa.substr(0, point);
  const std::string_view after = point == std::string_view::npos ? std::string_view{} : mantissa.substr(point + 1);
  if (before.empty() && after.empty()) return refuse("expected digits, as in -12.50 or 1.25E-7");

  // Each digit has a place: 0 for the units, positive before them, negative after the point.
  Decimal value;
  int place = static_cast<int>(std::min<std::size_t>(before.size(), 4096)) - 1 + exponent;
  for (const std::string_view part : {before, after}) {
    for (const char c : part) {
      if (!is_digit(c)) return refuse("expected digits, as in -12.50 or 1.25E-7");
      const int digit = c - '0';
      if (digit != 0) {
        if (place >= unit_digits) return refuse(fmt::format("it must be below 10^{}", unit_digits));
        if (place < -kPlaces) return refuse("it has more than 36 decimal places");
        if (place >= 0) {
          value.units_ += digit * kPowers[static_cast<std::size_t>(place)];
        } else {
          const int power = kPlaces + place;
          value.fraction_ += digit * kPowers[static_cast<std::size_t>(power)];
        }
      }
      --place;
    }
  }
  return negative ? -value : value;
}

Decimal Decimal::from_double(double value, int places) {
  assert(std::isfinite(value) && std::abs(value) < 1e15 && places >= 0 && places <= 15);
  // The shortest way to the correctly rounded decimal is through its text.
  const auto parsed = parse(fmt::format("{:.{}f}", value, places));
  assert(parsed);
  return *parsed;
}

Decimal Decimal::scaled(std::int64_t numerator, std::int64_t denominator, int places) const {
  constexpr std::int64_t kMost = 1'000'000;
  assert(numerator > 0 && numerator <= kMost && denominator > 0 && denominator <= kMost && places >= 0 &&
         places <= kPlaces);
  if (is_negative()) return -(-*this).scaled(numerator, denominator, places);
  // Three digits of base 10^18, the first of them of any size: multiplied from the last, divided from the first.
  const Int128 last = fraction_ % kHalf * numerator;
  const Int128 middle = fraction_ / kHalf * numerator + last / kHalf;
  const Int128 first = units_ * numerator + middle / kHalf;
  Decimal result;
  result.units_ = first / denominator;
  Int128 rest = first % denominator * kHalf + middle % kHalf;
  result.fraction_ = rest / denominator * kHalf;
  rest = rest % denominator * kHalf + last % kHalf;
  result.fraction_ += rest / denominator;
  const bool inexact = rest % denominator != 0;

  const Int128 step = kPowers[static_cast<std::size_t>(kPlaces - places)];
  const Int128 beyond = result.fraction_ % step;
  // Of a step of one, nothing but what the division left is beyond it.
  const Int128 twice = step == 1 ? rest % denominator * 2 : beyond * 2;
  const Int128 whole = step == 1 ? Int128(denominator) : step;
  const bool above = twice > whole || (twice == whole && step != 1 && inexact);
  result.fraction_ -= beyond;
  const bool odd = step == kOne ? result.units_ % 2 != 0 : result.fraction_ / step % 2 != 0;
  if (above || (twice == whole && odd)) result.fraction_ += step;
  if (result.fraction_ >= kOne) {
    result.fraction_ -= kOne;
    result.units_ += 1;
  }
  return result;
}

Decimal::Parts Decimal::parts() const {
  const Decimal size = is_negative() ? -*this : *this;
  return {is_negative(), size.units_, size.fraction_};
}

Decimal Decimal::from_parts(const Parts& parts) {
  assert(parts.units >= 0 && parts.fraction >= 0 && parts.fraction < kOne);
  Decimal value;
  value.units_ = parts.units;
  value.fraction_ = parts.fraction;
  return parts.negative ? -value : value;
}

std::string Decimal::to_string() const {
  std::array<char, 1 + kSumDigits + 1 + 1 + kPlaces> text;
  char* to = text.data();
  Decimal size = *this;
  if (is_negative()) {
    *to++ = '-';
    size = -size;
  }
  to = write_units(size.units_, to);
  if (size.fraction_ != 0) {
    const auto first = static_cast<std::uint64_t>(size.fraction_ / kHalf);
    const auto last = static_cast<std::uint64_t>(size.fraction_ - first * kHalf);
    *to++ = '.';
    to = write_half(first, to);
    if (last != 0) to = write_half(last, to);
    while (to[-1] == '0') --to;
  }
  return std::string(text.data(), to);
}

double Decimal::to_double() const {
  if (is_negative()) return -(-*this).to_double();
  if (fraction_ == 0) return static_cast<double>(units_);
  // Through its text, as adding the two halves would round twice.
  return std::strtod(to_string().c_str(), nullptr);
}

namespace {

// A number without its sign as an integer of up to 18 digits times 10^-places; false when it has more.
bool shorten(Int128 units, Int128 fraction, std::uint64_t& digits, int& places) {
  places = fraction == 0 ? 0 : Decimal::kPlaces;
  for (const int step : {kHalfPlaces, 9, 4, 2, 1, 1}) {
    const Int128 power = kPowers[static_cast<std::size_t>(step)];
    if (places < step || fraction % power != 0) continue;
    fraction /= power;
    places -= step;
  }
  if (units >= kPowers[static_cast<std::size_t>(kHalfPlaces)]) return false;
  // Whole units and places are together what the digits say: both below 10^18, or there are more.
  if (units != 0 && places >= kHalfPlaces) return false;
  const Int128 whole = units * kPowers[static_cast<std::size_t>(units == 0 ? 0 : places)] + fraction;
  if (whole >= kPowers[static_cast<std::size_t>(kHalfPlaces)]) return false;
  digits = static_cast<std::uint64_t>(whole);
  return true;
}

}  // namespace

std::optional<Decimal> Decimal::times(const Decimal& other) const {
  const Decimal left = is_negative() ? -*this : *this;
  const Decimal right = other.is_negative() ? -other : other;
  std::uint64_t left_digits = 0;
  std::uint64_t right_digits = 0;
  int left_places = 0;
  int right_places = 0;
  if (!shorten(left.units_, left.fraction_, left_digits, left_places) ||
      !shorten(right.units_, right.fraction_, right_digits, right_places)) {
    return std::nullopt;
  }
  const int places = left_places + right_places;
  Int128 digits = Int128(left_digits) * right_digits;
  if (digits == 0) return Decimal();
  if (places > kPlaces) return std::nullopt;
  Decimal product;
  const Int128 one = kPowers[static_cast<std::size_t>(places)];
  product.units_ = digits / one;
  product.fraction_ = digits % one * kPowers[static_cast<std::size_t>(kPlaces - places)];
  return is_negative() == other.is_negative() ? product : -product;
}

Decimal Decimal::operator-() const {
  Decimal negated;
  negated.units_ = -units_;
  if (fraction_ != 0) {
    negated.units_ -= 1;
    negated.fraction_ = kOne - fraction_;
  }
  return negated;
}

Decimal& Decimal::operator+=(const Decimal& other) {
  units_ += other.units_;
  fraction_ += other.fraction_;
  if (fraction_ >= kOne) {
    fraction_ -= kOne;
    units_ += 1;
  }
  return *this;
}

}  // namespace base
