// What a cost series usually does: its level, its weekly cycle, what every month brings on the same day, and how much
// it scatters around all that. Pure and thread-safe.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "costagent/analyze/noise.h"
#include "costagent/analyze/timeline.h"

namespace costagent {

// Four weeks: fewer days do not tell a weekly cycle from chance.
inline constexpr int kLeastDays = 28;

// A charge that comes on the same day of every month, counted from its beginning or its end or by business days, as a
// part of a baseline's unit.
struct MonthlyCharge {
  double amount = 0;
  double deviation = 0;
};

// Shape: one value a day in every vector, in the series' currency.
//
// The level is a running median over 15 days, which follows steps at once and ignores whatever is over within a week;
// the cycle is the median distance of equal weekdays from it (as Cleveland et al. 1990 decompose series, with medians
// in place of their local regression, so that single days don't matter). Where the level is positive throughout, cycle
// and scatter grow with it.
struct Baseline {
  std::vector<double> level;
  std::vector<double> expected;    // level, weekday and the monthly charge of that day together
  std::vector<double> deviation;   // the estimated standard deviation of that day's cost
  std::vector<double> deseasoned;  // the cost without weekday and monthly charge; NaN where there is no charge
  std::vector<double> unit;        // what cycle and scatter are parts of: the level, or a typical size
  double typical = 0;              // the median of the positive levels, or of the costs' sizes
  bool proportional = false;       // whether the unit is the level
  std::vector<double> weekday;     // each day's distance from the level, as a part of the unit
  Noise noise;                     // of the days' distances from the expected

  // What weekday and month add to the level on day i, in units.
  double cycle_at(std::size_t i) const { return unit[i] > 0 ? (expected[i] - level[i]) / unit[i] : 0; }
};

// None if fewer than kLeastDays of the values are finite. What is not finite, or larger than any bill (10^18), counts
// as no charge.
std::optional<Baseline> baseline_of(base::Day first, std::span<const double> cost);

// The medians of `values` over windows of `width` days (odd) around each day, moved inwards at both ends. Where a
// window has no finite value the nearest earlier median stands, or 0.
std::vector<double> running_median(std::span<const double> values, int width);

}  // namespace costagent
