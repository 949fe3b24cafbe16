#include "base/decimal.h"

#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>

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

std::string digits_of(Int128 value) {
  assert(value >= 0);
  if (value < kHalf) return fmt::format_int(static_cast<std::uint64_t>(value)).str();
  std::string digits;
  for (; value != 0; value /= 10) digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
  return digits;
}

// All digits of half the places, zeros in front.
void write_half(std::uint64_t half, char* to) {
  for (int i = kHalfPlaces - 1; i >= 0; --i, half /= 10) to[i] = static_cast<char>('0' + half % 10);
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

std::string Decimal::to_string() const {
  if (is_negative()) return "-" + (-*this).to_string();
  std::string text = digits_of(units_);
  if (fraction_ != 0) {
    std::array<char, kPlaces> places{};
    write_half(static_cast<std::uint64_t>(fraction_ / kHalf), places.data());
    write_half(static_cast<std::uint64_t>(fraction_ % kHalf), places.data() + kHalfPlaces);
    const std::string_view all(places.data(), places.size());
    text += '.';
    text += all.substr(0, all.find_last_not_of('0') + 1);
  }
  return text;
}

double Decimal::to_double() const {
  if (is_negative()) return -(-*this).to_double();
  if (fraction_ == 0) return static_cast<double>(units_);
  // Through its text, as adding the two halves would round twice.
  return std::strtod(to_string().c_str(), nullptr);
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
