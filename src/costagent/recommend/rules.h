// What would save money: rules that read a resource's cost beside its utilisation. Pure and thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "costagent/domain/cost_series.h"
#include "costagent/domain/recommendation.h"
#include "costagent/domain/resource.h"

namespace costagent {

// How many days of cost and utilisation the rules look at: a month holds every weekly rhythm and its month-end.
inline constexpr int kDaysConsidered = 30;

// A week, so that workdays and weekend were both seen: below that nothing is said.
inline constexpr int kLeastHoursObserved = 168;

// Idle: on average below 2 % and never above 10 % of its CPU in any hour, with less than 5 MB an hour of network
// traffic, which heartbeats and monitoring alone cause. Saves all it costs.
inline constexpr double kIdleCpuAverage = 2;
inline constexpr double kIdleCpuMax = 10;
inline constexpr double kIdleNetworkBytesPerHour = 5e6;

// Oversized: no hour above 40 % of its CPU or memory, so that half the size is used at most 80 %. The next smaller size
// has half of both and costs about half.
inline constexpr double kOversizedMax = 40;
inline constexpr int kSizesOfHalf = 2;  // that cost as much as the whole

// The recommendations for what a customer runs in a period, largest monthly savings first. At most one a resource: what
// is idle is not made smaller. A resource that was not billed in the period's last three days is gone, and gets none.
std::vector<Recommendation> recommend(const std::string& customer, std::span<const ResourceUsage> resources,
                                      Period period, base::Seconds now);

// 16 hexadecimal digits that depend on customer, type and resource alone.
std::string recommendation_id(const std::string& customer, RecommendationType type, const std::string& resource_id);

}  // namespace costagent
