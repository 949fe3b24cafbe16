#include "costagent/store/rollup.h"

#include <chrono>

namespace costagent {

std::int64_t month_of(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return std::chrono::sys_days(date.year() / date.month() / 1).time_since_epoch().count();
}

}  // namespace costagent
