#include "costagent/service/analysis_levels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

namespace costagent {
namespace {

constexpr std::string_view kTag = "tag:";

const std::array<std::pair<std::string_view, SeriesLevel>, 8>& named_levels() {
  using enum Dimension;
  static const std::array<std::pair<std::string_view, SeriesLevel>, 8> levels{{
      {"total", {}},
      {"provider", {{provider}, {}}},
      {"account", {{provider, account}, {}}},
      {"service", {kByService, {}}},
      {"region", {{provider, region}, {}}},
      {"service_region", {{provider, service, region}, {}}},
      {"usage_type", {{provider, service, usage_type}, {}}},
      {"resource", {{provider, account, service, region, resource}, {}}},
  }};
  return levels;
}

// By their bits, as no charge (NaN) must be the same as no charge.
std::uint64_t hash_of(const std::vector<double>& cost) {
  std::uint64_t hash = cost.size();
  for (const double value : cost)
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0xff51afd7ed558ccdULL + (hash >> 29);
  return hash;
}

bool same_days(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

// Whether a slice of `level` holds, by its dimensions, those of the finer one with this key.
bool holds(const SeriesLevel& level, const CostSeries& whole, const SeriesLevel& finer, const CostSeries& part) {
  if (whole.currency != part.currency || whole.key.size() >= part.key.size()) return false;
  if (!level.tag.empty() && (level.tag != finer.tag || whole.key.back() != part.key.back())) return false;
  for (std::size_t i = 0; i < level.by.size(); ++i) {
    const auto at = std::find(finer.by.begin(), finer.by.end(), level.by[i]);
    if (at == finer.by.end()) return false;
    if (part.key[static_cast<std::size_t>(at - finer.by.begin())] != whole.key[i]) return false;
  }
  return true;
}

// A series among the levels, by their places.
using Seat = std::pair<std::size_t, std::size_t>;

// Of slices that hold the same charges one is looked at, and the others would only make every threshold higher: of what
// is in one place only, say, the service, and neither the service in that region nor, where nothing else is there, the
// region.
class Repeats {
 public:
  explicit Repeats(std::span<LevelSeries> levels) : levels_(levels) {
    for (std::size_t level = 0; level < levels.size(); ++level) {
      for (std::size_t i = 0; i < levels[level].series.size(); ++i)
        seats_[hash_of(levels[level].series[i].cost)][level].push_back(i);
    }
  }

  void mark() {
    for (const auto& [hash, by_level] : seats_) {
      if (by_level.size() < 2) continue;
      for (const auto& [level, places] : by_level) {
        for (const std::size_t i : places) mark_holders({level, i}, by_level);
      }
    }
  }

 private:
  using ByLevel = std::map<std::size_t, std::vector<std::size_t>>;

  const CostSeries& series(const Seat& seat) const { return levels_[seat.first].series[seat.second]; }

  // Of all that hold the part and cost the same, the first by precedence stays.
  void mark_holders(const Seat& part, const ByLevel& by_level) {
    std::vector<Seat> same{part};
    for (const auto& [level, places] : by_level) {
      if (level == part.first) continue;  // where one is no part of another
      for (const std::size_t i : places) {
        if (holds(levels_[level].level, levels_[level].series[i], levels_[part.first].level, series(part)) &&
            same_days(levels_[level].series[i].cost, series(part).cost))
          same.emplace_back(level, i);
      }
    }
    const auto first = *std::min_element(same.begin(), same.end(), [&](const Seat& a, const Seat& b) {
      return std::pair(precedence(a), a) < std::pair(precedence(b), b);
    });
    for (const Seat& seat : same) {
      if (seat != first) levels_[seat.first].passed_over[seat.second] = true;
    }
  }

  // The total says it for all; then it is told by the service, which is what people know a cost by.
  int precedence(const Seat& seat) const {
    const auto& by = levels_[seat.first].level.by;
    if (by.empty() && levels_[seat.first].level.tag.empty()) return 0;
    return by == kByService ? 1 : 2 + static_cast<int>(by.size());
  }

  std::span<LevelSeries> levels_;
  std::unordered_map<std::uint64_t, ByLevel> seats_;  // of series of equal costs, most likely
};

}  // namespace

base::Result<SeriesLevel> level_of(std::string_view name) {
  if (name.starts_with(kTag) && name.size() > kTag.size())
    return SeriesLevel{{}, std::string(name.substr(kTag.size()))};
  std::string known;
  for (const auto& [known_name, level] : named_levels()) {
    if (known_name == name) return level;
    known += known_name;
    known += ", ";
  }
  return base::fail_field("levels", "'{}' is none of: {}tag:NAME", name, known);
}

std::span<const SeriesLevel> usual_levels() {
  static const std::vector<SeriesLevel> usual = [] {
    std::vector<SeriesLevel> levels;
    for (const char* name : {"total", "provider", "account", "service", "region", "service_region"})
      levels.push_back(*level_of(name));
    return levels;
  }();
  return usual;
}

base::Result<std::vector<LevelSeries>> read_levels(FactStore& facts, const SeriesScope& scope) {
  LevelsQuery query{scope.customer, scope.days, CostMetric::effective, scope.levels, scope.only, {}};
  query.most_series = kMostAnalysedSeries;
  for (const SeriesLevel& always : {SeriesLevel{}, SeriesLevel{kByService, {}}}) {
    if (std::find(query.levels.begin(), query.levels.end(), always) == query.levels.end())
      query.levels.push_back(always);
  }
  auto read = facts.series_by_level(query);
  if (!read && read.error().kind == base::ErrorKind::too_large) {
    return base::Failure(base::Error{
        base::ErrorKind::too_large,
        fmt::format("{} of {} days; at most {} series are analysed at once: ask for fewer `levels` (without resource, "
                    "service_region or a tag), or for a part of the bill by `provider`, `account`, `service` or "
                    "`region`",
                    read.error().message, scope.days.days(), kMostAnalysedSeries),
        "levels"});
  }
  if (!read) return base::pass_on(read);
  std::vector<LevelSeries> levels;
  for (std::size_t i = 0; i < query.levels.size(); ++i) {
    levels.push_back({query.levels[i], std::move((*read)[i]), {}});
    levels.back().passed_over.assign(levels.back().series.size(), i >= scope.levels.size());
  }
  Repeats(std::span(levels).first(scope.levels.size())).mark();
  return levels;
}

}  // namespace costagent
