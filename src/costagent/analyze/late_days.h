// The last days of a bill that are not all there yet. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "base/time.h"

namespace costagent {

inline constexpr std::size_t kMostLateDays = 3;

// Of costs by day from `first` on (NaN: missing data), how many are before the late ones: all where none is late. Late
// are the last one to three days if each costs less than 70 % of what was expected of it before, and by more than six
// deviations of the errors of such forecasts. Days of which nothing is expected lie between them or after them. A real
// fall looks the same until its fourth day.
std::size_t days_before_late_ones(base::Day first, std::span<const double> costs);

}  // namespace costagent
