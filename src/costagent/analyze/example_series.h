// Made-up cost series for this folder's tests.
#pragma once

#include <cmath>

#include "base/random.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

struct ExampleShape {
  int days = 365;
  double level = 1000;
  double noise = 0.03;   // relative standard deviation
  double weekend = 0.7;  // of a weekday's cost
  double growth_per_month = 0.02;
  double month_end = 0;  // charged on each month's last day, in levels
};

// Starts on Monday, 2024-01-01.
inline CostSeries example_series(std::uint64_t seed, const ExampleShape& shape = {}) {
  using namespace std::chrono;
  base::Random random(seed);
  CostSeries series{{}, "USD", sys_days(2024y / January / 1), {}};
  for (int i = 0; i < shape.days; ++i) {
    const base::Day day = series.first + days(i);
    double cost = shape.level * std::pow(1 + shape.growth_per_month, i / 30.0);
    if (const weekday name(day); name == Saturday || name == Sunday) cost *= shape.weekend;
    cost *= 1 + shape.noise * random.normal();
    const year_month_day date(day);
    if (day == sys_days(date.year() / date.month() / last)) {
      cost += shape.month_end * shape.level * (1 + 0.05 * random.normal());
    }
    series.cost.push_back(cost);
  }
  return series;
}

}  // namespace costagent
