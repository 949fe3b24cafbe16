#include "costagent/store/coverage_sums.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace costagent {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kMostHours = 744;
// Bills have 14 places; 18 keep the shares of an hour apart and their texts short.
constexpr int kPlaces = 18;

constexpr int kPartBits = 20;
constexpr int kDayBits = 18;  // until the year 2687

// Rows that are written with one call.
constexpr std::size_t kBatch = 1024;

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

// What the hour has of a charge.
void add_to(CoverageHour& hour, const CoverageHour& share) {
  hour.quantity += share.quantity;
  hour.costs += share.costs;
}

CoverageHour share_of(const CoverageHour& whole, std::int64_t minutes, std::int64_t all) {
  const auto share = [&](const base::Decimal& of) { return of.scaled(minutes, all, kPlaces); };
  const Costs& costs = whole.costs;
  return {0, share(whole.quantity),
          Costs{share(costs.billed), share(costs.effective), share(costs.list), share(costs.contracted)}};
}

void take_from(CoverageHour& rest, const CoverageHour& share) {
  rest.quantity -= share.quantity;
  rest.costs.billed -= share.costs.billed;
  rest.costs.effective -= share.costs.effective;
  rest.costs.list -= share.costs.list;
  rest.costs.contracted -= share.costs.contracted;
}

}  // namespace

// A day of a group and a part.
struct CoverageSums::Ordered {
  std::int64_t day = 0;
  std::uint32_t group = 0;
  std::uint32_t part = 0;
  CoverageRow row;
};

CoverageSums::OfSlice CoverageSums::decide(std::uint32_t slice, const Charge& charge) {
  OfSlice of;
  of.known = true;
  const auto coverage = coverage_of(charge);
  of.of_use = charge.category == ChargeCategory::usage &&
              (!coverage || (coverage->has_quantity && coverage->status != CoverageStatus::unused));
  if (!coverage) return of;
  of.counts = true;
  of.has_quantity = coverage->has_quantity;
  text_.assign(1, static_cast<char>('0' + static_cast<int>(coverage->status)));
  for (const std::string* text :
       {&charge.provider, &charge.sub_account_id, &charge.service, &charge.region, &charge.usage_type,
        &charge.pricing_category, &charge.commitment_id, &charge.consumed_unit, &charge.currency})
    text_ += fmt::format("{}:{}", text->size(), *text);
  const auto [at, added] = numbers_.try_emplace(text_, static_cast<std::uint32_t>(groups_.size()));
  if (added) groups_.push_back({slice, coverage->status});
  of.group = at->second;
  return of;
}

void CoverageSums::add(std::uint32_t slice, std::uint32_t part, const Charge& charge) {
  if (slice >= slices_.size()) slices_.resize(slice + 1);
  if (!slices_[slice].known) slices_[slice] = decide(slice, charge);
  const OfSlice& of = slices_[slice];
  if (!of.counts) return;
  const std::int64_t start = seconds_of(charge.period_start);
  const std::int64_t end = seconds_of(charge.period_end);
  CoverageHour whole{0, of.has_quantity ? charge.consumed_quantity : base::Decimal(), charge.costs()};
  if (end - start <= kHour || end - start > kMostHours * kHour)
    return add_to(hour_of(of.group, part, start / kHour), whole);
  spread(of.group, part, start / kMinute, end / kMinute, whole);
}

// `start` and `end` in minutes.
void CoverageSums::spread(std::uint32_t group, std::uint32_t part, std::int64_t start, std::int64_t end,
                          const CoverageHour& whole) {
  constexpr std::int64_t kMinutes = kHour / kMinute;
  const std::int64_t all = end - start;
  const CoverageHour full = share_of(whole, kMinutes, all);  // of most hours
  CoverageHour rest = whole;
  for (std::int64_t at = start; at < end;) {
    const std::int64_t next = std::min(end, (at / kMinutes + 1) * kMinutes);
    CoverageHour& hour = hour_of(group, part, at / kMinutes);
    if (next == end) {
      add_to(hour, rest);
    } else {
      const CoverageHour share = next - at == kMinutes ? full : share_of(whole, next - at, all);
      add_to(hour, share);
      take_from(rest, share);
    }
    at = next;
  }
}

// `hour` counts from 1970.
CoverageHour& CoverageSums::hour_of(std::uint32_t group, std::uint32_t part, std::int64_t hour) {
  const std::int64_t day = hour / 24;
  const int of_day = static_cast<int>(hour % 24);
  assert(part < (1U << kPartBits) && day >= 0 && day < (1 << kDayBits));
  const Key key = (((Key{group} << kPartBits) | part) << kDayBits) | static_cast<Key>(day);
  Group& of = groups_[group];
  if (of.last_key != key) {
    of.last_key = key;
    of.last = &days_[key];
  }
  auto& hours = of.last->hours;
  if (!hours.empty() && hours.back().hour == of_day) return hours.back();
  const auto at = std::lower_bound(hours.begin(), hours.end(), of_day,
                                   [](const CoverageHour& one, int wanted) { return one.hour < wanted; });
  if (at != hours.end() && at->hour == of_day) return *at;
  ++hours_;
  return *hours.insert(at, CoverageHour{of_day, {}, {}});
}

base::Result<> CoverageSums::flush(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts) {
  std::vector<Ordered> days;
  days.reserve(days_.size());
  for (auto& [key, day] : days_) {
    Ordered& sum = days.emplace_back();
    sum.group = static_cast<std::uint32_t>(key >> (kPartBits + kDayBits));
    sum.part = static_cast<std::uint32_t>(key >> kDayBits) & ((1U << kPartBits) - 1);
    sum.day = static_cast<std::int64_t>(key & ((Key{1} << kDayBits) - 1));
    CoverageRow& row = sum.row;
    row.time = sum.day;
    row.part = parts[sum.part];
    row.status = groups_[sum.group].status;
    const SliceIds& columns = slices.columns(groups_[sum.group].slice);
    for (std::size_t i = 0; i < kCoverageKeySize; ++i) row.key[i] = columns[at(kCoverageKey[i])];
    for (const CoverageHour& hour : day.hours) {
      row.quantity += hour.quantity;
      row.costs += hour.costs;
    }
    row.hours = pack_hours(day.hours);
    day = {};
  }
  days_.clear();
  hours_ = 0;
  for (Group& group : groups_) group.last_key = ~Key{0};
  std::sort(days.begin(), days.end(), [](const Ordered& a, const Ordered& b) {
    return std::tie(a.day, a.group, a.part) < std::tie(b.day, b.group, b.part);
  });
  std::vector<CoverageRow> rows;
  rows.reserve(kBatch);
  for (std::size_t i = 0; i < days.size(); ++i) {
    rows.push_back(days[i].row);
    days[i].row.hours.clear();
    if (rows.size() < kBatch && i + 1 < days.size()) continue;
    if (auto added = sink.add(CoverageGrain::day, rows); !added) return added;
    rows.clear();
  }
  return write_months(sink, days);
}

base::Result<> CoverageSums::write_months(LoadSink& sink, const std::vector<Ordered>& days) {
  std::vector<CoverageRow> months;
  std::unordered_map<Key, std::size_t> rows;  // of the month at hand, by group and part
  std::int64_t month = -1;
  for (const Ordered& day : days) {
    if (month_of(day.day) != month) {
      if (!months.empty()) {
        if (auto added = sink.add(CoverageGrain::month, months); !added) return added;
      }
      months.clear();
      rows.clear();
      month = month_of(day.day);
    }
    const auto [found, added] = rows.try_emplace((Key{day.group} << kPartBits) | day.part, months.size());
    if (added) {
      months.push_back(day.row);
      months.back().time = month;
      continue;
    }
    months[found->second].quantity += day.row.quantity;
    months[found->second].costs += day.row.costs;
  }
  return months.empty() ? base::Result<>() : sink.add(CoverageGrain::month, months);
}

void CoverageSums::forget_slices() {
  assert(empty());
  slices_.clear();
  groups_.clear();
  numbers_.clear();
}

}  // namespace costagent
