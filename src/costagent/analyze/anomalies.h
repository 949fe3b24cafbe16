// What is unusual in a daily cost series: spikes, dips, steps, missing days, new services.
//
// Pure and thread-safe. The whole series is the yardstick, and only what begins within the reported period is returned,
// so that months before it can teach what is usual. Multiplying every cost by a factor multiplies the reported money
// and leaves kinds, days and scores.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "costagent/domain/anomaly.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

enum class Sensitivity { low, medium, high };

// From where on something is reported; scores are in units of the series' own scatter.
struct Thresholds {
  double day;        // a single day
  double step;       // two weeks before against two weeks after: medians of 14 days scatter less than half as much
  double new_share;  // a new service, as a part of the total's daily cost
};

// How many false incidents a customer is told of in a year, on the average.
constexpr double false_incidents_a_year(Sensitivity sensitivity) {
  return sensitivity == Sensitivity::low ? 0.2 : sensitivity == Sensitivity::medium ? 1 : 4;
}

// The thresholds with which all of a customer's `slices` together are told so many false incidents, and no more the
// more slices there are (Bonferroni over slices; over days and kinds by measured rates: benchmarks/analysis/planted
// --null).
Thresholds thresholds_of(Sensitivity sensitivity, std::size_t slices);

// Whether the series can have anomalies at all: see `find_anomalies`. A slice of zeros, or of a single day, can't.
bool is_regular(const CostSeries& series);

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
