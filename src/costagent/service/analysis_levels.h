// The levels at which a bill is analysed, and their series.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

// Series of all levels of one analysis: 10,000 take some three seconds to be looked at.
inline constexpr std::size_t kMostAnalysedSeries = 10'000;
// Of one request. Each is summed up beside the others from the same reading.
inline constexpr std::size_t kMostLevels = 12;

// `total`, `provider`, `account`, `service`, `region`, `service_region`, `resource`, `usage_type`, or `tag:NAME`. A
// slice bears all that holds it, so that a region is a provider's, and a resource has its account, service and region.
// Fails with `invalid`.
base::Result<SeriesLevel> level_of(std::string_view name);

// What is analysed where nobody says which levels: all that the bill's daily rollups tell without its resources, with
// totals, providers, accounts, services, regions, and services by region.
std::span<const SeriesLevel> usual_levels();

inline const std::vector<Dimension> kByNothing{};
inline const std::vector<Dimension> kByService{Dimension::provider, Dimension::service};

// What is analysed of a bill, and when.
struct SeriesScope {
  std::string customer;
  Period days;
  std::vector<SeriesLevel> levels;
  std::map<Dimension, std::string> only{};
};

// A level with its series. Series i is not looked at for anomalies where it is `passed_over[i]`: as nobody asked for
// the level, or as it is that of a slice which holds it, day for day.
struct LevelSeries {
  SeriesLevel level;
  std::vector<CostSeries> series;
  std::vector<bool> passed_over;
};

// In the order of the levels, each the dearest first; levels beside those that were asked for are read, too, where the
// totals or the services are not among them. Fails with `too_large` and the field `levels`, saying how to narrow, where
// there would be more than kMostAnalysedSeries.
base::Result<std::vector<LevelSeries>> read_levels(FactStore& facts, const SeriesScope& scope);

}  // namespace costagent
