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
// or that is charged too seldom. A shift or drift is reported over at most 30 days: after that the new level is what is
// expected. A week without a charge is a cost of zero, and the last one of them a slice that has vanished; shorter gaps
// are missing data but for the days that never have a charge (silences.h), and so are two to six days of it at the end.
// Of too little on the last three days it isn't known whether there is more to come: it is missing data as well.
std::vector<Anomaly> find_anomalies(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                                    const Thresholds& thresholds);

// Whether there are charges on fewer than 60 % of the days between the first and the last, those that never have one
// aside: then there is no usual day.
bool is_charged_seldom(const CostSeries& series);

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
