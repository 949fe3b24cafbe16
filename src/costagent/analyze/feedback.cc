#include "costagent/analyze/feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/random.h"
#include "costagent/domain/provider.h"
#include "stats/robust.h"

namespace costagent {
namespace {

constexpr int kWeeksAround = 4;
constexpr std::chrono::days kDaysAround{2};
// What was called usual makes what is a little larger usual, too.
constexpr double kLarger = 1.25;

// FNV-1a (Fowler, Noll and Vo 1991), with the end of each text in it.
void hash_in(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash = (hash ^ 0x100) * 0x100000001b3ULL;
}

double daily_impact(const Anomaly& anomaly) {
  return anomaly.impact() / static_cast<double>(std::max<std::int64_t>(1, (anomaly.end - anomaly.start).count()));
}

// The value that a series or anomaly has of a dimension; none if it is of all.
const std::string* value_of(Dimension dimension, const std::vector<Dimension>& dimensions, const SliceKey& key) {
  const auto at = std::find(dimensions.begin(), dimensions.end(), dimension);
  return at == dimensions.end() ? nullptr : &key[static_cast<std::size_t>(at - dimensions.begin())];
}

// Costs on the same weekday of the weeks around a day, those that are `taken` left out. Where all of the nearest weeks
// are taken, as many next ones on either side tell.
std::vector<double> same_weekdays(const CostSeries& series, std::ptrdiff_t day, const std::vector<bool>& taken) {
  std::vector<double> costs;
  bool told = false;
  const auto is_day = [&](std::ptrdiff_t at) { return at >= 0 && at < std::ssize(series.cost); };
  const auto look_at = [&](std::ptrdiff_t at) {
    if (taken[static_cast<std::size_t>(at)]) return false;
    const double cost = series.cost[static_cast<std::size_t>(at)];
    if (std::isfinite(cost)) costs.push_back(cost);
    return told = true;
  };
  for (int week = -kWeeksAround; week <= kWeeksAround; ++week) {
    if (is_day(day + 7 * week)) look_at(day + 7 * week);
  }
  if (told) return costs;
  for (const std::ptrdiff_t step : {-7, 7}) {
    int weeks = 0;
    for (auto at = day + step; is_day(at) && weeks < kWeeksAround; at += step) weeks += look_at(at);
  }
  return costs;
}

}  // namespace

std::string id_of(const std::string& customer, const Anomaly& anomaly) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  hash_in(hash, customer);
  hash_in(hash, anomaly.currency);
  hash_in(hash, base::format_day(anomaly.start));
  hash_in(hash, anomaly.impact() > 0 ? "more" : "less");
  hash_in(hash, anomaly.tag);
  for (std::size_t i = 0; i < anomaly.slice.size(); ++i) {
    hash_in(hash, i < anomaly.dimensions.size() ? std::to_string(static_cast<int>(anomaly.dimensions[i])) : "tag");
    hash_in(hash, anomaly.slice[i]);
  }
  return fmt::format("{:016x}", base::mix(hash));
}

BillSlice slice_of(const Anomaly& anomaly) {
  BillSlice slice;
  for (std::size_t i = 0; i < anomaly.dimensions.size(); ++i) slice.only[anomaly.dimensions[i]] = anomaly.slice[i];
  if (!anomaly.tag.empty()) slice.only_tagged[anomaly.tag] = anomaly.slice.back();
  return slice;
}

Relation relation_of(const BillSlice& slice, const std::vector<Dimension>& dimensions, const std::string& tag,
                     const SliceKey& key) {
  std::size_t shared = 0;
  bool narrower = false;  // the slice is told by something that the series isn't
  for (const auto& [dimension, value] : slice.only) {
    const std::string* other = value_of(dimension, dimensions, key);
    if (other == nullptr) {
      narrower = true;
    } else if (*other != value && (dimension != Dimension::provider || usual_name(*other) != usual_name(value))) {
      return Relation::apart;
    } else {
      ++shared;
    }
  }
  for (const auto& [name, value] : slice.only_tagged) {
    if (name != tag) {
      narrower = true;
    } else if (key.back() != value) {
      return Relation::apart;
    } else {
      ++shared;
    }
  }
  // A region of one provider is told by that provider as well.
  std::size_t told = key.size();
  if (value_of(Dimension::provider, dimensions, key) != nullptr && !slice.only.contains(Dimension::provider) &&
      shared > 0) {
    ++shared;
  }
  const bool wider = told > shared;
  if (narrower && wider) return Relation::apart;
  return narrower ? Relation::part : wider ? Relation::whole : Relation::same;
}

std::vector<double> usual_days(const CostSeries& series, Period within, const std::vector<bool>& taken) {
  const auto size = std::ssize(series.cost);
  std::vector<double> usual(series.cost.size(), kNoCharge);
  const auto from = std::clamp<std::ptrdiff_t>((within.from - series.first).count(), 0, size);
  const auto to = std::clamp<std::ptrdiff_t>((within.to - series.first).count(), from, size);
  for (auto day = from; day < to; ++day) {
    if (const auto middle = stats::median(same_weekdays(series, day, taken)))
      usual[static_cast<std::size_t>(day)] = *middle;
  }
  return usual;
}

bool is_answered(const Feedback& feedback, const Anomaly& first) {
  if (feedback.kind != FeedbackKind::expected && feedback.kind != FeedbackKind::not_an_anomaly) return false;
  const Relation relation = relation_of(feedback.slice, first.dimensions, first.tag, first.slice);
  if (relation == Relation::apart) return false;
  const double daily = daily_impact(first);
  const bool same_way = feedback.daily_impact == 0 || (feedback.daily_impact > 0) == (daily > 0);
  if (!same_way) return false;
  if (first.start >= feedback.days.from - kDaysAround && first.start < feedback.days.to + kDaysAround) return true;
  return relation == Relation::same && feedback.daily_impact != 0 &&
         std::abs(daily) <= kLarger * std::abs(feedback.daily_impact);
}

}  // namespace costagent
