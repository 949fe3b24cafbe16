// Numbers with their unit, as plans and thresholds write them: `250ms`, `1%`, `512 MB`.
#pragma once

#include <optional>
#include <string_view>

namespace loadlab {

struct Quantity {
  double number = 0;      // finite, never negative
  std::string_view unit;  // what stands behind it, spaces around it taken away; may be empty
};

// None if the text doesn't begin with a plain decimal number (`12`, `0.5`; no sign, no exponent, at most 18 digits).
std::optional<Quantity> split_quantity(std::string_view text);

// The factor to nanoseconds of us, µs, ms, s, m and h; none for any other unit.
std::optional<double> nanoseconds_per(std::string_view unit);

// The factor to bytes of B, KB, MB, GB (powers of 1000), KiB, MiB and GiB (powers of 1024); none for any other unit.
std::optional<double> bytes_per(std::string_view unit);

// The factor to one a second of /s, /m and /h; none for any other unit.
std::optional<double> per_second(std::string_view unit);

// The factors to bytes and to megabytes (10^6 bytes) of B, KB, MB, GB, KiB, MiB and GiB; none for any other unit.
std::optional<double> bytes_per(std::string_view unit);
std::optional<double> megabytes_per(std::string_view unit);

// Spaces and tabs at both ends taken away.
std::string_view trimmed(std::string_view text);

}  // namespace loadlab
