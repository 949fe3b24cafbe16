#include "costagent/store/rollup_choice.h"

#include <algorithm>

namespace costagent {
namespace {

Level level_for(const std::vector<SliceColumn>& columns) {
  for (const Level level : {Level::service, Level::account}) {
    const auto kept = key_columns(level);
    const auto keeps = [&](SliceColumn column) { return std::find(kept.begin(), kept.end(), column) != kept.end(); };
    if (std::all_of(columns.begin(), columns.end(), keeps)) return level;
  }
  return Level::slice;
}

std::int64_t next_month(std::int64_t month) { return month_of(month + 31); }

}  // namespace

std::vector<Segment> choose_rollups(const std::vector<SliceColumn>& columns, Period period, bool by_day) {
  const Level level = level_for(columns);
  const std::int64_t from = period.from.time_since_epoch().count();
  const std::int64_t to = period.to.time_since_epoch().count();
  const Rollup days{Grain::day, level};
  if (from >= to) return {};
  // Whole months within the period, and the days that are left on either side of them.
  const std::int64_t first = month_of(from) == from ? from : next_month(month_of(from));
  const std::int64_t last = month_of(to);
  if (by_day || first >= last) return {{days, from, to}};
  std::vector<Segment> segments;
  if (from < first) segments.push_back({days, from, first});
  segments.push_back({{Grain::month, level}, first, last});
  if (last < to) segments.push_back({days, last, to});
  return segments;
}

}  // namespace costagent
