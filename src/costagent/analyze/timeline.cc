#include "costagent/analyze/timeline.h"

namespace costagent {
namespace {

bool works(base::Day day) {
  const unsigned name = std::chrono::weekday(day).c_encoding();
  return name != 0 && name != 6;
}

struct Month {
  base::Day first;
  base::Day last;
  base::Day first_business;
  base::Day last_business;
};

Month month_of(base::Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  Month month;
  month.first = month.first_business = sys_days(date.year() / date.month() / 1);
  month.last = month.last_business = sys_days(date.year() / date.month() / last);
  while (!works(month.first_business)) month.first_business += days(1);
  while (!works(month.last_business)) month.last_business -= days(1);
  return month;
}

MonthPlaces places_in(const Month& month, base::Day day) {
  const auto number = static_cast<std::uint8_t>((day - month.first).count());
  const auto from_end = static_cast<std::uint8_t>((month.last - day).count());
  MonthPlaces places;
  places.place[places.count++] = number;
  if (from_end < 3) places.place[places.count++] = static_cast<std::uint8_t>(kLastOfMonth + from_end);
  if (day == month.first_business) places.place[places.count++] = kFirstBusinessDay;
  if (day == month.last_business) places.place[places.count++] = kLastBusinessDay;
  return places;
}

}  // namespace

MonthPlaces month_places(base::Day day) { return places_in(month_of(day), day); }

std::vector<MonthPlaces> month_places(base::Day first, std::size_t count) {
  std::vector<MonthPlaces> places;
  places.reserve(count);
  Month month = month_of(first);
  for (base::Day day = first; places.size() < count; day += std::chrono::days(1)) {
    if (day > month.last) month = month_of(day);
    places.push_back(places_in(month, day));
  }
  return places;
}

}  // namespace costagent
