#include "costagent/analyze/cycles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/robust.h"
#include "stats/sliding_median.h"

namespace costagent {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// Two rounds of a cycle tell it from chance, once shrunk; a slot of the week is one of too many for that.
constexpr std::size_t kLeastRounds = 2;
constexpr std::size_t kLeastWeeksForSlots = 3;
// From eight weeks on each weekday speaks for itself.
constexpr std::size_t kEnoughDays = 56;
// Habits change: a quarter of a year ago counts half.
constexpr double kHalfLifeDays = 91;
constexpr double kClip = 2.5;
// A month's effect must be as sure as one false one in some hundreds of series, out of 36 places.
constexpr double kLeastMonthScore = 5;
constexpr double kLeastMonthSize = 2;
constexpr int kMostMonthPlaces = 8;
constexpr double kLeastFactor = 0.25;

using Values = std::span<const double>;

// The mean of what lies near the median, younger values weighing more.
struct ClassMean {
  double mean = 0;
  double weight = 0;   // as many equally weighted values
  double scatter = 0;  // of one value
};

ClassMean mean_of(const std::vector<std::pair<double, double>>& weighted, std::vector<double>& scratch) {
  ClassMean result;
  if (weighted.empty()) return result;
  scratch.clear();
  for (const auto& [value, weight] : weighted) scratch.push_back(value);
  const double center = *stats::median(scratch);
  result.scatter = stats::scatter(scratch, center);
  double sum = 0;
  double weights = 0;
  double squares = 0;
  for (const auto& [value, weight] : weighted) {
    sum += weight * std::clamp(value, center - kClip * result.scatter, center + kClip * result.scatter);
    weights += weight;
    squares += weight * weight;
  }
  result.mean = sum / weights;
  result.weight = weights * weights / squares;
  return result;
}

std::size_t finite_count(Values values) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); }));
}

std::vector<double> running_mean(Values values, std::size_t width) {
  std::vector<double> result(values.size());
  double sum = 0;
  double count = 0;
  const auto add = [&](std::size_t i, double sign) {
    if (!std::isfinite(values[i])) return;
    sum += sign * values[i];
    count += sign;
  };
  std::size_t begin = 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t from = std::min(i - std::min(i, width / 2), values.size() - std::min(values.size(), width));
    const std::size_t to = std::min(values.size(), from + width);
    for (; end < to; ++end) add(end, 1);
    for (; begin < from; ++begin) add(begin, -1);
    result[i] = count > 0.5 ? sum / count : (i > 0 ? result[i - 1] : 0);
  }
  return result;
}

}  // namespace

Cycles Cycles::learn(const Timeline& timeline, Values values) {
  Cycles cycles(timeline);
  cycles.per_day_ = timeline.per_day();
  cycles.look_at(values);
  if (cycles.per_day_ == 0 || cycles.typical_ <= 0) return cycles;
  if (timeline.daily()) cycles.places_ = month_places(timeline.day(0), values.size());
  // Level and cycle each need the other: the second round starts from a level that the cycle no longer bends.
  for (int round = 0; round < 2; ++round) {
    cycles.learn_layers(values);
    if (timeline.daily()) cycles.learn_months(values);
    if (round == 0) cycles.set_level(values, false);
  }
  cycles.learn_noise(values);
  return cycles;
}

void Cycles::look_at(Values values) {
  std::vector<double> sizes;
  std::array<double, 7> zeros{};
  std::array<double, 7> counts{};
  std::size_t negative = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    counts[weekday(i)] += 1;
    zeros[weekday(i)] += values[i] == 0;
    negative += values[i] < 0;
    if (values[i] != 0) sizes.push_back(std::abs(values[i]));
  }
  typical_ = stats::median(sizes).value_or(0);
  double unexplained = 0;
  double all = 0;
  for (std::size_t day = 0; day < 7; ++day) {
    all += counts[day];
    if (zeros[day] < 0.9 * counts[day] || counts[day] < 3) unexplained += zeros[day];
  }
  intermittent_ = unexplained > 0.3 * all && unexplained < all;
  set_level(values, true);
  const double least = level_.empty() ? 0 : *std::min_element(level_.begin(), level_.end());
  proportional_ = !intermittent_ && negative * 20 <= values.size() && least > 0.05 * typical_;
}

// First a running median over two weeks, which no spike moves; then a mean over whole weeks of what is left without the
// cycle, spikes clipped.
void Cycles::set_level(Values values, bool first) {
  const std::size_t day = std::max<std::size_t>(per_day_, 1);
  if (first) {
    const auto width = static_cast<std::ptrdiff_t>(std::min<std::size_t>(15 * day, 289) | 1U);
    const auto count = std::ssize(values);
    stats::SlidingMedian window(values);
    level_.assign(values.size(), 0);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const std::ptrdiff_t begin =
          std::clamp<std::ptrdiff_t>(i - width / 2, 0, std::max<std::ptrdiff_t>(0, count - width));
      const auto at = static_cast<std::size_t>(i);
      level_[at] = window.move_to(begin, begin + width).value_or(at == 0 ? 0 : level_[at - 1]);
    }
    return;
  }
  std::vector<double> rest = rest_of(values);
  const double scatter = stats::scatter(rest, 0);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!std::isfinite(rest[i])) continue;
    rest[i] = level_[i] + unit(i) * std::clamp(rest[i], -3 * scatter, 3 * scatter);
  }
  std::vector<double> smooth = running_mean(rest, std::min<std::size_t>(7 * day, std::max<std::size_t>(day, 289)));
  const double least = 0.02 * typical_;
  for (double& level : smooth) level = proportional_ ? std::max(level, least) : level;
  level_ = std::move(smooth);
}

// What neither level nor cycle explains, in units; NaN where there is no value.
std::vector<double> Cycles::rest_of(Values values) const {
  std::vector<double> rest(values.size(), kMissing);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    rest[i] = (values[i] - level_[i]) / unit(i) - effect(i) - (month_amounts_.empty() ? 0 : month_amounts_[i]);
  }
  return rest;
}

void Cycles::learn_layers(Values values) {
  by_slot_.effect.clear();
  by_weekend_.effect.clear();
  by_weekday_.effect.clear();
  by_week_slot_.effect.clear();
  optimism_ = 1;
  const std::size_t days = finite_count(values) / per_day_;
  if (!timeline_.daily() && days >= kLeastRounds)
    learn_layer(rest_of(values), per_day_, by_slot_, &Cycles::slot_of_day);
  if (days >= 7 && days < kEnoughDays) learn_layer(rest_of(values), 2, by_weekend_, &Cycles::weekend);
  if (days >= kLeastRounds * 7) learn_layer(rest_of(values), 7, by_weekday_, &Cycles::weekday);
  if (!timeline_.daily() && days >= kLeastWeeksForSlots * 7)
    learn_layer(rest_of(values), 7 * per_day_, by_week_slot_, &Cycles::slot_of_week);
}

void Cycles::learn_layer(Values rest, std::size_t classes, Layer& layer,
                         std::size_t (Cycles::*class_of)(std::size_t) const) {
  std::vector<std::vector<std::pair<double, double>>> members(classes);
  const double decay = std::exp2(-1 / (kHalfLifeDays * static_cast<double>(per_day_)));
  double weight = 1;
  for (std::size_t i = rest.size(); i-- > 0; weight *= decay) {
    if (std::isfinite(rest[i])) members[(this->*class_of)(i)].emplace_back(rest[i], std::max(weight, 1e-6));
  }
  std::vector<double> scratch;
  std::vector<ClassMean> means;
  std::vector<double> around;
  double grand = 0;
  double used = 0;
  for (const auto& member : members) {
    means.push_back(mean_of(member, scratch));
    if (means.back().weight == 0) continue;
    used += 1;
    grand += means.back().mean;
    for (const auto& [value, ignored] : member) around.push_back(value - means.back().mean);
  }
  // A class of few values says little of its own scatter: all classes do.
  const auto seen = static_cast<double>(around.size());
  const double pooled = stats::scatter(around, 0) * std::sqrt(seen / std::max(seen - used, 1.0));
  double noise = 0;
  for (const ClassMean& mean : means) {
    if (mean.weight == 0) continue;
    const double scatter = mean.weight < 6 ? pooled : mean.scatter;
    noise += scatter * scatter / mean.weight / used;
  }
  if (used < 2) return;
  grand /= used;
  double spread = 0;
  for (const ClassMean& mean : means) {
    if (mean.weight > 0) spread += (mean.mean - grand) * (mean.mean - grand) / (used - 1);
  }
  const double kept = spread > 0 ? std::clamp(1 - noise / spread, 0.0, 1.0) : 0;
  layer.effect.assign(classes, 0);
  for (std::size_t i = 0; i < classes; ++i) {
    if (means[i].weight > 0) layer.effect[i] = kept * (means[i].mean - grand);
  }
  const double share = std::min(0.5, kept * used / std::max(seen, 1.0));
  optimism_ *= std::sqrt((1 + share) / (1 - share));
}

double Cycles::daily_and_weekly(std::size_t i) const {
  double sum = 0;
  if (!by_weekend_.effect.empty()) sum += by_weekend_.effect[weekend(i)];
  if (!by_slot_.effect.empty()) sum += by_slot_.effect[slot_of_day(i)];
  if (!by_weekday_.effect.empty()) sum += by_weekday_.effect[weekday(i)];
  if (!by_week_slot_.effect.empty()) sum += by_week_slot_.effect[slot_of_week(i)];
  return sum;
}

double Cycles::effect(std::size_t i) const {
  const double sum = daily_and_weekly(i);
  return proportional_ ? std::max(sum, -1.0) : sum;
}

std::optional<MonthlyEffect> Cycles::monthly(std::size_t i) const {
  if (!timeline_.daily()) return std::nullopt;
  const MonthPlaces places = i < places_.size() ? places_[i] : month_places(timeline_.day(i));
  std::optional<MonthlyEffect> found;
  for (std::size_t k = 0; k < places.count; ++k) {
    const auto& effect = months_[places.place[k]];
    if (!effect) continue;
    if (!found) found.emplace();
    found->amount += effect->amount;
    found->deviation = std::hypot(found->deviation, effect->deviation);
    found->seen = effect->seen;
  }
  return found;
}

std::vector<double> Cycles::without(Values values) const {
  std::vector<double> steady(values.size(), kMissing);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]) || monthly(i)) continue;
    const double factor = 1 + effect(i);
    if (!proportional_) {
      steady[i] = values[i] - typical_ * effect(i);
    } else if (factor >= kLeastFactor) {
      steady[i] = values[i] / factor;
    }
  }
  return steady;
}

// The surest place of the month first, then what it leaves unexplained.
void Cycles::learn_months(Values values) {
  months_ = {};
  month_amounts_.assign(values.size(), 0);
  std::vector<double> rest = rest_of(values);
  const double middle_of_all = stats::median(rest).value_or(0);
  for (double& value : rest) value -= middle_of_all;
  const double scatter = stats::scatter(rest, 0);
  std::array<std::vector<std::size_t>, kMonthPlaces> members;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!std::isfinite(rest[i])) continue;
    const MonthPlaces& places = places_[i];
    for (std::size_t k = 0; k < places.count; ++k) members[places.place[k]].push_back(i);
  }
  std::vector<double> picked;
  for (int round = 0; round < kMostMonthPlaces; ++round) {
    double best_score = kLeastMonthScore;
    std::optional<std::size_t> best;
    MonthlyEffect effect;
    for (std::size_t place = 0; place < kMonthPlaces; ++place) {
      if (members[place].size() < 2 || months_[place]) continue;
      picked.clear();
      std::size_t above = 0;
      std::size_t under = 0;
      for (const std::size_t i : members[place]) {
        picked.push_back(rest[i]);
        above += rest[i] > kLeastMonthSize * scatter ? 1 : 0;
        under += rest[i] < -kLeastMonthSize * scatter ? 1 : 0;
      }
      // The median can't be as large as it must be unless half of them are.
      if (2 * std::max(above, under) < picked.size()) continue;
      const double middle = *stats::median(picked);
      const double own = stats::scatter(picked, middle);
      const auto seen = static_cast<double>(picked.size());
      // Two may be two spikes: both must be large and alike.
      const bool alike =
          seen > 2 ? std::abs(middle) * std::sqrt(seen) > kLeastMonthScore * own : own < 0.3 * std::abs(middle);
      // By how much it explains, not by how regular it is: the last day of every month goes before every 31st.
      const double score = std::abs(middle) / (1.25 * scatter) * std::sqrt(seen) - (seen > 2 ? 0 : 4);
      if (!alike || !(std::abs(middle) > kLeastMonthSize * scatter) || !(score > best_score)) continue;
      best_score = score;
      best = place;
      effect = {middle, std::hypot(std::max(own, scatter / 2), 1.25 * own / std::sqrt(seen)), static_cast<int>(seen)};
    }
    if (!best) break;
    months_[*best] = effect;
    for (const std::size_t i : members[*best]) {
      rest[i] -= effect.amount;
      month_amounts_[i] += effect.amount;
    }
  }
}

void Cycles::learn_noise(Values values) {
  if (by_weekday_.effect.empty() || !timeline_.daily()) return;
  const std::vector<double> rest = rest_of(values);
  std::array<std::vector<double>, 7> by_day;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (std::isfinite(rest[i]) && !monthly(i)) by_day[weekday(i)].push_back(rest[i]);
  }
  const double usual = stats::scatter(rest, 0);
  if (usual <= 0) return;
  constexpr double kPrior = 10;
  for (std::size_t day = 0; day < 7; ++day) {
    const double weekend = by_weekend_.effect.empty() ? 0 : by_weekend_.effect[day % 6 == 0 ? 1 : 0];
    const double expected = proportional_ ? std::max(0.0, 1 + weekend + by_weekday_.effect[day]) : 1;
    const auto seen = static_cast<double>(by_day[day].size());
    noise_[day] = (kPrior * expected + seen * stats::scatter(by_day[day], 0) / usual) / (kPrior + seen);
  }
}

double Cycles::noise(std::size_t i) const {
  if (!timeline_.daily() || by_weekday_.effect.empty())
    return proportional_ ? std::max(kLeastFactor, 1 + effect(i)) : 1;
  return std::max(noise_[weekday(i)], 1e-3);
}

}  // namespace costagent
