// What happened to a bill, with its cause: anomalies of all its slices, put together where they are one story.
//
// Pure and thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "costagent/analyze/anomalies.h"

namespace costagent {

// Series that are cut by the same dimensions; none is the total.
struct SliceLevel {
  std::vector<Dimension> dimensions;
  std::vector<CostSeries> series;
};

struct Incident {
  // Whose kind, days and money are the incident's. The most surprising first: where a change is in one slice, nothing
  // scatters less around it than that slice; where it is in all parts of a slice, the whole does. A whole comes after a
  // part that explains it. Each slice stands here once.
  std::vector<Anomaly> causes;
  double score = 0;  // the largest of the causes': see Anomaly

  const Anomaly& cause() const { return causes.front(); }
};

// The anomalies of a bill's slices as incidents, the most surprising first. Anomalies are of one incident if they are
// of one currency, begin within two days (shifts and drifts within a week), point the same way (what is missing in a
// part is less in the whole), and one's slice holds the other's, or both tell the same
// days and the same money of slices that are cut otherwise. A hint is a cause of the incidents that it would be of by a
// slice that holds its own.
std::vector<Incident> incidents_of(std::vector<Anomaly> anomalies, std::vector<Anomaly> hints = {});

// How many of these series can have anomalies: what thresholds are made for.
std::size_t regular_slices(std::span<const CostSeries> series);

// The incidents that begin within the period: every slice of every level is looked at, with the thresholds for so many.
std::vector<Incident> find_incidents(std::span<const SliceLevel> levels, Period report, Sensitivity sensitivity);

}  // namespace costagent
