// Where a cost series has been heading: its slope, and the days on which its level changed.
//
// Pure and thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "costagent/domain/cost_series.h"

namespace costagent {

// The daily cost, without weekly cycle and monthly charges, on both sides of a day.
struct LevelChange {
  base::Day day;  // the first of the new level
  double before = 0;
  double after = 0;
};

// The slope of a daily cost without its weekly cycle and monthly charges, by Theil (1950) with the 95 % interval of Sen
// (1968), widened for days that resemble their neighbours (stats::trend_inflation).
struct Trend {
  double daily_cost_change_per_month = 0;  // money a day, gained in a month of 30.4375 days
  double change_low = 0;
  double change_high = 0;
  double percent_per_month = 0;  // of the typical daily cost; 0 if that is 0
  int days = 0;                  // with a charge
  // By day. A steady slope has none: they are looked for once what drifts is taken out, and are a twentieth of the
  // level at least.
  std::vector<LevelChange> changes;

  bool rises() const { return change_low > 0; }
  bool falls() const { return change_high < 0; }
};

// Four weeks: fewer days don't tell a trend from chance.
inline constexpr int kLeastTrendDays = 28;

// None of a series with fewer days. A week or more without charges after the first is a time without costs.
std::optional<Trend> trend_of(const CostSeries& series);

}  // namespace costagent
