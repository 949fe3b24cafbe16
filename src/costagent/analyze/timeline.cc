#include "costagent/analyze/timeline.h"

namespace costagent {
namespace {

bool works(base::Day day) {
  const unsigned name = std::chrono::weekday(day).c_encoding();
  return name != 0 && name != 6;
}

}  // namespace

MonthPlaces month_places(base::Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  const base::Day first = sys_days(date.year() / date.month() / 1);
  const base::Day last_day = sys_days(date.year() / date.month() / last);
  const auto number = static_cast<std::uint8_t>((day - first).count());
  const auto from_end = static_cast<std::uint8_t>((last_day - day).count());
  MonthPlaces places;
  places.place[places.count++] = number;
  if (from_end < 3) places.place[places.count++] = static_cast<std::uint8_t>(31 + from_end);
  // The first and the last business day have at most two days off before or after them.
  const auto is_end_of_work = [&](base::Day end, int towards) {
    base::Day found = end;
    while (!works(found)) found += days(towards);
    return found == day;
  };
  if (number < 3 && is_end_of_work(first, 1)) places.place[places.count++] = 34;
  if (from_end < 3 && is_end_of_work(last_day, -1)) places.place[places.count++] = 35;
  return places;
}

}  // namespace costagent
