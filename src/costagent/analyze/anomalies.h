// What is unusual in a daily cost series: spikes, dips, steps, drifts, missing days, new and vanished services.
//
// Pure and thread-safe. The whole series is the yardstick, and only what begins within the reported period is returned,
// so that months before it can teach what is usual. Multiplying every cost by a factor multiplies the reported money
// and leaves kinds, days, deviations and scores.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "costagent/analyze/thresholds.h"
#include "costagent/domain/anomaly.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

// Whether the series can have anomalies at all: see `find_anomalies`. A slice of zeros, or of a single day, can't.
bool is_regular(const CostSeries& series);

// Spikes, dips, level shifts, drifts and missing days, by their first day. Nothing of a series with fewer than 28 days,
// or with charges on fewer than 60 % of the days between its first and last: an irregular service has no usual day. A
// shift or drift is reported over at most 30 days: after that the new level is what is expected. A week without a
// charge is a cost of zero, and the last one of them a slice that has vanished; shorter gaps are missing data, and a
// gap at the end is a bill still on its way.
std::vector<Anomaly> find_anomalies(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                                    const Thresholds& thresholds);

// The same, and what is not wild enough to be told by itself, but may be the cause of what is told of a slice that
// holds this one.
struct Findings {
  std::vector<Anomaly> anomalies;
  std::vector<Anomaly> hints;
};
Findings look_at(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                 const Thresholds& thresholds);

// The service as an anomaly, if its first charge comes at least 14 days after the total's, with charges on most days
// since, at a daily cost that matters. Its deviations are those of the total. Both series cover the same days.
std::optional<Anomaly> find_new_service(const CostSeries& service, const CostSeries& total,
                                        const std::vector<Dimension>& dimensions, Period report,
                                        const Thresholds& thresholds);

}  // namespace costagent
