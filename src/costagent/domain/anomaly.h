// What is unusual in a cost series.
#pragma once

#include <string>

#include "base/time.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

enum class AnomalyKind { spike, dip, level_shift, drift, missing_data, new_service, vanished_service };

struct Anomaly {
  AnomalyKind kind = AnomalyKind::spike;
  std::vector<Dimension> dimensions;  // what the slice is cut by …
  std::string tag;                    // … and, where one is named, by this tag, whose value comes last
  SliceKey slice;                     // the values; none for the total
  std::string currency;
  base::Day start;
  base::Day end;             // one past the last unusual day
  double expected_cost = 0;  // over those days
  double actual_cost = 0;
  double deviations = 0;  // robust z: distance from the expected in units of the series' own scatter, unsigned
  double score = 0;       // the chance that a year in which nothing happened shows nothing as wild: 0 to 1

  double impact() const { return actual_cost - expected_cost; }
};

}  // namespace costagent
