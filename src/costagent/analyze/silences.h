// Days on which, by the calendar, nothing is charged: what is billed on business days only, or never on a month's first
// five.
//
// A weekday, or a day of the month, is silent for as long as of any four of its days in a row at most one has a charge,
// while at least a third of all days among them has one. So a habit may change, and is known by the fourth time; one
// missing day is none. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"

namespace costagent {

enum class Charging : std::uint8_t { charged, silent, unknown };

class Silences {
 public:
  // No silences: where charges come by chance the calendar explains nothing.
  Silences() = default;
  // One for each day from `first` on.
  Silences(base::Day first, std::span<const Charging> days);

  // Of the day `first + i`, before or after the end: whether there is no charge as there never is. Never of a day that
  // has one.
  bool at(std::size_t i) const;
  bool any() const { return any_; }

 private:
  bool any_ = false;
  base::Day first_;
  std::vector<bool> known_;                               // of the days there are
  std::vector<bool> weekdays_ = std::vector<bool>(7);     // after them; Sunday is 0
  std::vector<bool> month_days_ = std::vector<bool>(31);  // the first is 0
};

// Of costs by day; one of 0 counts as none. `gap` is what a day without a number is.
Silences silences_of(base::Day first, std::span<const double> costs, Charging gap);

}  // namespace costagent
