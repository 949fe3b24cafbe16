// Points in time as both databases keep those that are counted in milliseconds since 1970.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace costagent {

inline std::int64_t milliseconds_of(base::UtcTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

inline base::UtcTime time_of(std::int64_t milliseconds) {
  return base::UtcTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace costagent
