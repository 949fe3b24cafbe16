// An exact decimal number for money and quantities: never binary floating point.
//
// Fixed point, with 36 decimal places and up to 38 digits before the point. Real bills carry 14 places and exponents,
// and a double printed in full can bring 30, so 36 places hold every value seen in one; and as a parsed number is below
// 10^18, the sum of 10^20 of them can't overflow. Adding is exact and never fails; there is no rounding anywhere but in
// `from_double` and `scaled`.
//
// A plain value: 32 bytes, copied freely, safe to use from any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

__extension__ using Int128 = __int128;

class Decimal {
 public:
  static constexpr int kPlaces = 36;

  constexpr Decimal() = default;
  constexpr explicit Decimal(std::int64_t units) : units_(units) {}

  // Reads `-12.50`, `+3`, `.5`, `1.25E-7`. Fails (invalid) on anything else, on 10^18 or more, and on a digit other
  // than zero beyond the 36th place: a bill's figure is kept whole or refused, never rounded.
  static Result<Decimal> parse(std::string_view text);

  // Reads what `to_string` wrote, of any size: a sum may have more digits before the point than a bill's figure.
  static Result<Decimal> parse_sum(std::string_view text);

  // The nearest number with `places` decimal places (0 to 15). The value must be finite and below 10^15 in size.
  static Decimal from_double(double value, int places);

  // The shortest exact form: no exponent, no zeros at the end, `0` for zero.
  std::string to_string() const;

  // The nearest double: for statistics and plots, where money is only a number.
  double to_double() const;

  // This times numerator / denominator, rounded once to `places` decimal places (0 to 36), halves to the even digit.
  // Both numbers are 1 to 10^6, and this is below 10^32 in size, as the sum of 10^14 figures of a bill is.
  Decimal scaled(std::int64_t numerator, std::int64_t denominator, int places) const;

  // The exact product, or none when it has more than 36 decimal places or either has more than 18 significant digits.
  std::optional<Decimal> times(const Decimal& other) const;

  // For those who write numbers in a form of their own: the size is units + fraction / 10^36.
  struct Parts {
    bool negative = false;
    Int128 units = 0;     // below 10^38
    Int128 fraction = 0;  // below 10^36
  };
  Parts parts() const;
  static Decimal from_parts(const Parts& parts);

  constexpr bool is_zero() const { return units_ == 0 && fraction_ == 0; }
  constexpr bool is_negative() const { return units_ < 0; }

  Decimal operator-() const;
  Decimal& operator+=(const Decimal& other);
  Decimal& operator-=(const Decimal& other) { return *this += -other; }
  friend Decimal operator+(Decimal left, const Decimal& right) { return left += right; }
  friend Decimal operator-(Decimal left, const Decimal& right) { return left -= right; }

  friend constexpr bool operator==(const Decimal&, const Decimal&) = default;
  friend constexpr auto operator<=>(const Decimal& left, const Decimal& right) {
    if (left.units_ != right.units_)
      return left.units_ < right.units_ ? std::strong_ordering::less : std::strong_ordering::greater;
    if (left.fraction_ != right.fraction_)
      return left.fraction_ < right.fraction_ ? std::strong_ordering::less : std::strong_ordering::greater;
    return std::strong_ordering::equal;
  }

 private:
  static Result<Decimal> parse_below(int unit_digits, std::string_view text);

  // The value is units + fraction / 10^36 with 0 <= fraction < 10^36: -0.25 is -1 and 0.75.
  Int128 units_ = 0;
  Int128 fraction_ = 0;
};

}  // namespace base
