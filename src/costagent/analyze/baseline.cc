#include "costagent/analyze/baseline.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "stats/robust.h"
#include "stats/sliding_median.h"

namespace costagent {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestCost = 1e18;

// The first level is taken before the weekly cycle is known, over whole weeks so that each weekday has its share.
constexpr int kRoughWindow = 29;
constexpr int kLevelWindow = 15;
// Enough equal weekdays for a median that no single one moves, and few enough to follow a workload that changes.
constexpr int kCycleWeeks = 21;

constexpr std::size_t kScatterDays = 91;
constexpr std::size_t kScatterStep = 14;

// A deviation below 1 % of the level is taken as 1 %: the bills of a constant workload differ by rounding, and a change
// that small is not worth a person's time.
constexpr double kLeastRelativeDeviation = 0.01;

// A level this small beside the typical one is no measure of anything.
constexpr double kLeastUnit = 0.01;
// What a workload scatters by when it is nearly off, as a part of its typical scatter.
constexpr double kScatterWhenOff = 0.1;

// The running median goes along with the days it is made of, and so takes some of their scatter: measured on normal
// noise.
constexpr double kLevelTakesScatter = 1.03;

// Of few days, level and week are drawn to the days that they should judge: with 28 days the wildest in a thousand
// looks 1.5 times as wild as it is, with 60 days 1.1 times; measured on normal noise.
double short_past(int days) { return 1 + 0.65 * std::pow(static_cast<double>(kLeastDays) / days, 2.5); }

// A charge is monthly if it stands this far out of the scatter on the same day of two months, or less in more of them:
// a sum of many slices scatters so much that the month-ends of one are only seen together.
constexpr double kMonthlyCharge = 3;
// How much a monthly charge may vary from month to month, as a part of itself.
constexpr double kMonthlyVariation = 0.15;
// A bill has a few days of the month on which something is due, and every one more is a chance to be wrong.
constexpr int kMostMonthPlaces = 8;
// What is due on the first business day is on the first of the month in two months of three, where it explains a third
// less; what is due on the first days of the month is on the first business day in all, but explains less of a weekend.
constexpr double kLessOfBusinessDays = 0.6;
// With so many months a place is told by those in which no other falls on the same day.
constexpr std::size_t kEnoughMonths = 3;

// Distance of each day from the level, in its unit; none where the unit measures nothing.
std::vector<double> distances(const std::vector<double>& cost, const Baseline& baseline) {
  std::vector<double> result(cost.size(), kMissing);
  for (std::size_t i = 0; i < cost.size(); ++i) {
    if (baseline.unit[i] >= kLeastUnit * baseline.typical) {
      result[i] = (cost[i] - baseline.level[i]) / baseline.unit[i];
    }
  }
  return result;
}

void set_units(const std::vector<double>& cost, Baseline& baseline) {
  std::vector<double> positive;
  positive.reserve(baseline.level.size());
  std::copy_if(baseline.level.begin(), baseline.level.end(), std::back_inserter(positive),
               [](double c) { return c > 0; });
  baseline.typical = stats::median(positive).value_or(0);
  const double lowest = *std::min_element(baseline.level.begin(), baseline.level.end());
  baseline.proportional = positive.size() * 2 > baseline.level.size() && lowest > -kLeastUnit * baseline.typical;
  if (baseline.proportional) {
    baseline.unit = baseline.level;
    for (double& unit : baseline.unit) unit = std::max(unit, 0.0);
    return;
  }
  std::vector<double> sizes;
  sizes.reserve(cost.size());
  for (const double value : cost) sizes.push_back(std::abs(value));
  const double size = stats::median(sizes).value_or(0);
  baseline.typical = size > 0 ? size : 1.0;
  baseline.unit.assign(cost.size(), baseline.typical);
}

void set_weekdays(const std::vector<double>& cost, Baseline& baseline) {
  const auto distance = distances(cost, baseline);
  baseline.weekday.assign(cost.size(), 0);
  for (std::size_t start = 0; start < std::min<std::size_t>(7, cost.size()); ++start) {
    std::vector<double> weeks;  // this weekday's distance in each week
    weeks.reserve(distance.size() / 7 + 1);
    for (std::size_t i = start; i < cost.size(); i += 7) weeks.push_back(distance[i]);
    const auto usual = running_median(weeks, kCycleWeeks);
    for (std::size_t week = 0; week < usual.size(); ++week) baseline.weekday[start + 7 * week] = usual[week];
  }
}

void set_deseasoned(const std::vector<double>& cost, Baseline& baseline) {
  baseline.deseasoned.resize(cost.size());
  for (std::size_t i = 0; i < cost.size(); ++i)
    baseline.deseasoned[i] = cost[i] - baseline.weekday[i] * baseline.unit[i];
}

using MonthlyCharges = std::array<std::optional<MonthlyCharge>, kMonthPlaces>;

// The charge on a place of the month, if it is one.
std::optional<MonthlyCharge> charge_of(std::span<const double> values, double deviation) {
  if (values.size() < 2) return std::nullopt;
  // What doesn't stand out on half of the days is cheaply told.
  const double stands_out = kMonthlyCharge * deviation * std::sqrt(2.0 / static_cast<double>(values.size()));
  const auto above = std::count_if(values.begin(), values.end(), [&](double v) { return v >= stands_out; });
  const auto under = std::count_if(values.begin(), values.end(), [&](double v) { return v <= -stands_out; });
  if (2 * std::max(above, under) < std::ssize(values)) return std::nullopt;
  const double charge = *stats::median(values);
  // The quarter nearest to nothing still has to stand out, so that one wild month of two or three is no habit.
  const double least = charge > 0 ? *stats::quantile(values, 0.25) : *stats::quantile(values, 0.75);
  if (least * charge <= 0 || std::abs(least) < stands_out) return std::nullopt;
  if (std::abs(least) < std::abs(charge) / 2) return std::nullopt;
  return MonthlyCharge{charge, std::max(stats::scatter(values, charge), kMonthlyVariation * std::abs(charge))};
}

// Most last days of a month are business days. Where charges are on both, the days that are only the one tell its own.
std::optional<std::size_t> twin_of(std::size_t place) {
  if (place == kFirstOfMonth) return kFirstBusinessDay;
  if (place == kFirstBusinessDay) return kFirstOfMonth;
  if (place == kLastOfMonth) return kLastBusinessDay;
  if (place == kLastBusinessDay) return kLastOfMonth;
  return std::nullopt;
}

// What is left of those of the days that aren't on the other place too.
std::vector<double> values_beside(std::size_t other, std::span<const MonthPlaces> places,
                                  const std::vector<std::size_t>& days, const std::vector<double>& rest) {
  std::vector<double> values;
  for (const std::size_t i : days) {
    const auto end = places[i].place.begin() + places[i].count;
    if (std::find(places[i].place.begin(), end, other) == end) values.push_back(rest[i]);
  }
  return values;
}

using Members = std::array<std::vector<std::size_t>, kMonthPlaces>;  // the days on each place

// What tells the charge on a place: its days, or, where its twin seems to have one of its own, those that aren't the
// twin's.
std::vector<double> values_of(std::size_t place, const MonthlyCharges& known, std::span<const MonthPlaces> places,
                              const Members& members, const std::vector<double>& rest, double deviation) {
  const auto twin = twin_of(place);
  if (twin && !known[*twin] && charge_of(values_beside(place, places, members[*twin], rest), deviation)) {
    auto alone = values_beside(*twin, places, members[place], rest);
    if (alone.size() >= kEnoughMonths) return alone;
  }
  std::vector<double> values;
  for (const std::size_t i : members[place]) values.push_back(rest[i]);
  return values;
}

bool is_business_place(std::size_t place) { return place == kFirstBusinessDay || place == kLastBusinessDay; }

// By how much less a charge on a place leaves of its days, in sum.
double explained_by(double charge, const std::vector<std::size_t>& days, const std::vector<double>& rest) {
  double explained = 0;
  for (const std::size_t i : days) explained += std::abs(rest[i]) - std::abs(rest[i] - charge);
  return explained;
}

// The monthly charge by place in the month, from what is left of each day after level and weekday. The place that
// explains the most goes first: the last business day of every month before the last days, of which it is many; where
// each of the first three days of a month has a charge, so has the first business day, which explains no more than
// they.
MonthlyCharges monthly_charges(std::span<const MonthPlaces> places, std::vector<double> rest, double deviation) {
  Members members;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!std::isfinite(rest[i])) continue;
    for (std::size_t k = 0; k < places[i].count; ++k) members[places[i].place[k]].push_back(i);
  }
  MonthlyCharges result;
  for (int round = 0; round < kMostMonthPlaces; ++round) {
    double most = 0;
    std::optional<std::size_t> best;
    MonthlyCharge charge;
    for (std::size_t place = 0; place < kMonthPlaces; ++place) {
      if (result[place]) continue;
      const auto found = charge_of(values_of(place, result, places, members, rest, deviation), deviation);
      if (!found) continue;
      const double explained =
          explained_by(found->amount, members[place], rest) * (is_business_place(place) ? kLessOfBusinessDays : 1);
      if (explained > most) {
        most = explained;
        best = place;
        charge = *found;
      }
    }
    if (!best) break;
    result[*best] = charge;
    for (const std::size_t i : members[*best]) rest[i] -= charge.amount;
  }
  return result;
}

MonthlyCharge monthly_of(const MonthPlaces& places, const MonthlyCharges& monthly) {
  MonthlyCharge result;
  for (std::size_t k = 0; k < places.count; ++k) {
    const auto& found = monthly[places.place[k]];
    if (!found) continue;
    result.amount += found->amount;
    result.deviation = std::hypot(result.deviation, found->deviation);
  }
  return result;
}

// What scatter is a part of: a quiet weekend scatters less than a busy day.
std::vector<double> scatter_units(const Baseline& baseline) {
  std::vector<double> result = baseline.unit;
  if (!baseline.proportional) return result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] *= 1 + baseline.weekday[i];
    result[i] = std::max(result[i], kScatterWhenOff * baseline.typical);
  }
  return result;
}

// By how much scatters of different quarters, as logarithms, differ by chance: see stats::fine_scatter.
double chance_variance(std::size_t days) { return 0.75 * 0.75 / static_cast<double>(days); }

// The scatter around each day, as workloads come and go within a year. It changes slowly: once a week is enough. What
// it changes by chance is taken back (James and Stein 1961), as every error of it makes days wilder or tamer than they
// are.
std::vector<double> local_scatter(const std::vector<double>& scaled) {
  const std::size_t width = std::min<std::size_t>(kScatterDays, scaled.size());
  std::vector<double> logarithms;
  for (std::size_t i = 0; i < scaled.size(); i += kScatterStep) {
    const std::size_t begin = std::min(i - std::min(i, width / 2), scaled.size() - width);
    const double scatter = stats::fine_scatter(std::span(scaled).subspan(begin, width), 0);
    logarithms.push_back(std::log(std::max(kLevelTakesScatter * scatter, kLeastRelativeDeviation)));
  }
  const auto seen = static_cast<double>(logarithms.size());
  double mean = 0;
  double variance = 0;
  for (const double value : logarithms) mean += value / seen;
  for (const double value : logarithms) variance += (value - mean) * (value - mean) / seen;
  const double kept = variance > 0 ? std::max(0.0, 1 - chance_variance(width) / variance) : 0;
  for (double& value : logarithms) value = std::exp(mean + kept * (value - mean));
  std::vector<double> result(scaled.size());
  for (std::size_t i = 0; i < scaled.size(); ++i) result[i] = logarithms[i / kScatterStep];
  return result;
}

void set_expected(base::Day first, int days, Baseline& baseline) {
  const auto rest = distances(baseline.deseasoned, baseline);
  const auto units = scatter_units(baseline);
  std::vector<double> scaled = rest;
  for (std::size_t i = 0; i < rest.size(); ++i) scaled[i] *= baseline.unit[i] / units[i];
  const double overall = std::max(kLevelTakesScatter * stats::fine_scatter(scaled, 0), kLeastRelativeDeviation);
  const auto places = month_places(first, rest.size());
  const auto monthly = monthly_charges(places, rest, overall);
  const auto local = local_scatter(scaled);

  baseline.expected.resize(rest.size());
  baseline.deviation.resize(rest.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const MonthlyCharge charge = monthly_of(places[i], monthly);
    baseline.expected[i] = baseline.level[i] + (baseline.weekday[i] + charge.amount) * baseline.unit[i];
    baseline.deviation[i] = short_past(days) * std::hypot(local[i] * units[i], charge.deviation * baseline.unit[i]);
    baseline.deseasoned[i] -= charge.amount * baseline.unit[i];
  }
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::vector<double> running_median(std::span<const double> values, int width) {
  const int count = static_cast<int>(values.size());
  std::vector<double> result(values.size(), 0);
  stats::SlidingMedian window(values);
  for (int i = 0; i < count; ++i) {
    const int begin = std::clamp(i - width / 2, 0, std::max(0, count - width));
    const auto at = static_cast<std::size_t>(i);
    result[at] = window.move_to(begin, begin + width).value_or(at == 0 ? 0 : result[at - 1]);
  }
  return result;
}

std::optional<Baseline> baseline_of(base::Day first, std::span<const double> cost) {
  std::vector<double> clean(cost.begin(), cost.end());
  int days = 0;
  for (double& value : clean) {
    if (!std::isfinite(value) || std::abs(value) > kLargestCost) value = kMissing;
    days += std::isfinite(value);
  }
  if (days < kLeastDays) return std::nullopt;

  Baseline baseline;
  baseline.level = running_median(clean, kRoughWindow);
  // Level and cycle each need the other: the second round starts from a level that the cycle no longer bends.
  for (int round = 0; round < 2; ++round) {
    set_units(clean, baseline);
    set_weekdays(clean, baseline);
    set_deseasoned(clean, baseline);
    baseline.level = running_median(baseline.deseasoned, kLevelWindow);
  }
  set_units(clean, baseline);
  set_deseasoned(clean, baseline);
  set_expected(first, days, baseline);
  // Figures hundreds of orders of magnitude apart, which no bill has, would yield nonsense.
  if (!all_finite(baseline.expected) || !all_finite(baseline.deviation)) return std::nullopt;
  for (std::size_t i = 0; i < clean.size(); ++i)
    clean[i] = baseline.deviation[i] > 0 ? (clean[i] - baseline.expected[i]) / baseline.deviation[i] : 0;
  baseline.noise = noise_of(clean);
  return baseline;
}

}  // namespace costagent
