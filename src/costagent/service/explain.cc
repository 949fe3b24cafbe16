#include "costagent/service/explain.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace costagent {
namespace {

// What an incident begins with tells its cause; what comes later may be something else.
constexpr int kFirstDays = 3;
constexpr int kWeeksBefore = 2;
constexpr std::size_t kMostOfEach = 5;
// What is smaller than this part of the largest explains nothing.
constexpr double kLeastShare = 0.05;
constexpr std::size_t kMostSlices = 200'000;

// By dimension (of those that are looked at) and value, with a currency's sums.
using Sums = std::map<std::pair<std::size_t, std::string>, double>;

base::Result<> add_days(FactStore& facts, const LevelsQuery& query, const std::string& currency, double weight,
                        Sums& sums) {
  const auto levels = facts.series_by_level(query);
  if (!levels) return base::pass_on(levels);
  for (std::size_t level = 0; level < levels->size(); ++level) {
    for (const CostSeries& series : (*levels)[level]) {
      if (series.currency != currency) continue;
      double& sum = sums[{level, series.key.front()}];
      for (const double cost : series.cost) sum += std::isnan(cost) ? 0 : weight * cost;
    }
  }
  return {};
}

std::vector<Contribution> largest(Dimension dimension, std::vector<Contribution> all) {
  std::sort(all.begin(), all.end(), [](const Contribution& a, const Contribution& b) {
    return std::abs(a.daily_change) > std::abs(b.daily_change);
  });
  if (all.size() > kMostOfEach) all.resize(kMostOfEach);
  std::erase_if(all, [&](const Contribution& one) {
    return std::abs(one.daily_change) < kLeastShare * std::abs(all.front().daily_change);
  });
  for (Contribution& one : all) one.dimension = dimension;
  return all;
}

}  // namespace

base::Result<std::vector<Contribution>> contributions_to(FactStore& facts, const SeriesScope& scope,
                                                         const Anomaly& anomaly) {
  std::vector<Contribution> contributions;
  if (anomaly.kind == AnomalyKind::missing_data) return contributions;
  LevelsQuery query{scope.customer, {}, CostMetric::effective, {}, scope.only, {}, kMostSlices};
  std::vector<Dimension> dimensions;
  for (const Dimension dimension : {Dimension::resource, Dimension::usage_type}) {
    if (std::find(anomaly.dimensions.begin(), anomaly.dimensions.end(), dimension) != anomaly.dimensions.end())
      continue;
    dimensions.push_back(dimension);
    query.levels.push_back({{dimension}, {}});
  }
  for (std::size_t i = 0; i < anomaly.dimensions.size(); ++i) query.only[anomaly.dimensions[i]] = anomaly.slice[i];
  if (!anomaly.tag.empty()) query.only_tagged[anomaly.tag] = anomaly.slice.back();

  const std::chrono::days days{std::min<int>(kFirstDays, static_cast<int>((anomaly.end - anomaly.start).count()))};
  Sums sums;
  for (int weeks = 0; weeks <= kWeeksBefore; ++weeks) {
    const base::Day from = anomaly.start - std::chrono::weeks(weeks);
    query.period = {from, from + days};
    const double weight = (weeks == 0 ? 1.0 : -1.0 / kWeeksBefore) / static_cast<double>(days.count());
    const auto added = add_days(facts, query, anomaly.currency, weight, sums);
    if (!added && added.error().kind == base::ErrorKind::too_large) return contributions;
    if (!added) return base::pass_on(added);
  }
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    std::vector<Contribution> all;
    for (auto sum = sums.lower_bound({i, ""}); sum != sums.end() && sum->first.first == i; ++sum) {
      const bool same_way = (sum->second > 0) == (anomaly.impact() > 0) && sum->second != 0;
      if (same_way && !sum->first.second.empty()) all.push_back({dimensions[i], sum->first.second, sum->second});
    }
    const auto most = largest(dimensions[i], std::move(all));
    contributions.insert(contributions.end(), most.begin(), most.end());
  }
  return contributions;
}

std::string explanation_key(const Anomaly& anomaly) {
  std::string key = fmt::format("{}|{}|{}|{}|{}|{}", static_cast<int>(anomaly.kind), base::format_day(anomaly.start),
                                base::format_day(anomaly.end), anomaly.currency, anomaly.impact() > 0, anomaly.tag);
  for (const Dimension dimension : anomaly.dimensions) key += fmt::format("|{}", static_cast<int>(dimension));
  for (const std::string& value : anomaly.slice) key += fmt::format("|{}:{}", value.size(), value);
  return key;
}

}  // namespace costagent
