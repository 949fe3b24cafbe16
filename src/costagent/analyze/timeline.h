// The points of time at which a regular series has its values, and their places in day, week and month. All in UTC.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace costagent {

struct Timeline {
  base::Seconds first;        // of value 0
  std::chrono::seconds step;  // 5 minutes to a day

  base::Seconds at(std::size_t i) const { return first + step * static_cast<std::int64_t>(i); }
  base::Day day(std::size_t i) const { return std::chrono::floor<std::chrono::days>(at(i)); }
  bool daily() const { return step == std::chrono::days(1); }
  // Steps of a day; 0 if a day is no whole number of them, and there is no daily cycle to be told.
  std::size_t per_day() const {
    const std::chrono::seconds whole = std::chrono::days(1);
    return step.count() > 0 && whole % step == std::chrono::seconds(0) ? static_cast<std::size_t>(whole / step) : 0;
  }
  // Sunday is 0.
  unsigned weekday(std::size_t i) const { return std::chrono::weekday(day(i)).c_encoding(); }
};

// Places in a month on which bills put charges of their own.
inline constexpr std::size_t kMonthPlaces = 31 + 3 + 2;
inline constexpr std::uint8_t kFirstOfMonth = 0;
inline constexpr std::uint8_t kLastOfMonth = 31;
inline constexpr std::uint8_t kFirstBusinessDay = 34;
inline constexpr std::uint8_t kLastBusinessDay = 35;

// The places of a day: its number, its number from the month's end, and whether it is the first or the last business
// day (Monday to Friday). Numbers below kMonthPlaces; `count` of them.
struct MonthPlaces {
  std::array<std::uint8_t, 4> place{};
  std::uint8_t count = 0;
};
MonthPlaces month_places(base::Day day);
// Of `count` days from `first` on, one month after the other.
std::vector<MonthPlaces> month_places(base::Day first, std::size_t count);

}  // namespace costagent
