// Numbers that statistics came to, in answers.
#pragma once

#include <cmath>
#include <string_view>

#include "base/decimal.h"
#include "costagent/api/json_writer.h"

namespace costagent {

// Estimates are told to this many places; sums of charges are told whole.
inline constexpr int kPlaces = 4;
inline constexpr double kLargestEstimate = 1e15;

inline void write_money(JsonWriter& json, std::string_view name, double amount) {
  if (std::abs(amount) < kLargestEstimate) {
    json.field(name, base::Decimal::from_double(amount, kPlaces));
  } else {
    json.key(name).null();
  }
}

inline double rounded(double number, double per_unit) { return std::round(number * per_unit) / per_unit; }

}  // namespace costagent
