// What is unusual in a daily cost series: spikes, dips, steps, missing days, new services.
//
// Pure and thread-safe. The whole series is the yardstick, and only what begins within the reported period is returned,
// so that months before it can teach what is usual. Multiplying every cost by a factor multiplies the reported money
// and leaves kinds, days and scores.
#pragma once

#include <optional>
#include <vector>

#include "costagent/domain/anomaly.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

enum class Sensitivity { low, medium, high };

// From where on something is reported; scores are in units of the series' own scatter. On 80 made-up clean years of
// normal noise, weekly cycle and growth, low and medium reported nothing, and high two things in three years.
struct Thresholds {
  double day;        // a single day
  double step;       // two weeks before against two weeks after: medians of 14 days scatter less than half as much
  double new_share;  // a new service, as a part of the total's daily cost
};

constexpr Thresholds thresholds_of(Sensitivity sensitivity) {
  switch (sensitivity) {
    case Sensitivity::low:
      return {6.0, 3.6, 0.05};
    case Sensitivity::medium:
      return {4.5, 2.7, 0.01};
    case Sensitivity::high:
      break;
  }
  return {3.5, 2.1, 0.002};
}

// Spikes, dips, level shifts and missing days, by their first day. Nothing of a series with fewer than 28 days, or with
// charges on fewer than 60 % of the days between its first and last: an irregular service has no usual day. A step is
// reported over at most 30 days: after that the new level is what is expected. A week without a charge is a cost of
// zero; shorter gaps are missing data, and a gap at the end is a bill still on its way.
std::vector<Anomaly> find_anomalies(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                                    const Thresholds& thresholds);

// The service as an anomaly, if its first charge comes at least 14 days after the total's, with charges on most days
// since, at a daily cost that matters. Its score is in units of the total's scatter. Both series cover the same days.
std::optional<Anomaly> find_new_service(const CostSeries& service, const CostSeries& total,
                                        const std::vector<Dimension>& dimensions, Period report,
                                        const Thresholds& thresholds);

}  // namespace costagent
