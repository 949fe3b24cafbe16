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

// A deviation below 1 % of the level is taken as 1 %: the bills of a constant workload differ by rounding, and a change
// that small is not worth a person's time.
constexpr double kLeastRelativeDeviation = 0.01;

// A level this small beside the typical one is no measure of anything.
constexpr double kLeastUnit = 0.01;
// What a workload scatters by when it is nearly off, as a part of its typical scatter.
constexpr double kScatterWhenOff = 0.1;

// The running median goes along with the days it is made of, and so takes some of their scatter: measured on normal
// noise.
constexpr double kLevelTakesScatter = 1.06;

// A charge is monthly if it stands this far out of the scatter on the same day of two months, or less in more of them:
// a sum of many slices scatters so much that the month-ends of one are only seen together.
constexpr double kMonthlyCharge = 3;
// How much a monthly charge may vary from month to month, as a part of itself.
constexpr double kMonthlyVariation = 0.15;

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

void set_weekdays(base::Day first, const std::vector<double>& cost, Baseline& baseline) {
  const auto distance = distances(cost, baseline);
  baseline.weekday.assign(cost.size(), 0);
  for (std::size_t start = 0; start < std::min<std::size_t>(7, cost.size()); ++start) {
    std::vector<double> weeks;  // this weekday's distance in each week
    for (std::size_t i = start; i < cost.size(); i += 7) weeks.push_back(distance[i]);
    const auto usual = running_median(weeks, kCycleWeeks);
    for (std::size_t week = 0; week < usual.size(); ++week) baseline.weekday[start + 7 * week] = usual[week];
    baseline.last_weekday[weekday_of(first + std::chrono::days(start))] = usual.back();
  }
}

void set_deseasoned(const std::vector<double>& cost, Baseline& baseline) {
  baseline.deseasoned.resize(cost.size());
  for (std::size_t i = 0; i < cost.size(); ++i)
    baseline.deseasoned[i] = cost[i] - baseline.weekday[i] * baseline.unit[i];
}

// A day's places in its month: counted from the start (1 …) and, for the last three days, from the end (-1 … -3).
// Bills put monthly charges on either.
std::vector<int> places_in_month(base::Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  const int length = static_cast<int>(static_cast<unsigned>((date.year() / date.month() / last).day()));
  const int number = static_cast<int>(static_cast<unsigned>(date.day()));
  std::vector<int> places{number};
  if (length - number < 3) places.push_back(number - length - 1);
  return places;
}

// The monthly charge by place in the month, from what is left of each day after level and weekday.
std::map<int, MonthlyCharge> monthly_charges(base::Day first, const std::vector<double>& rest, double deviation) {
  std::map<int, std::vector<double>> by_place;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!std::isfinite(rest[i])) continue;
    for (const int place : places_in_month(first + std::chrono::days(i))) by_place[place].push_back(rest[i]);
  }
  std::map<int, MonthlyCharge> result;
  for (const auto& [place, values] : by_place) {
    if (values.size() < 2) continue;
    const double charge = *stats::median(values);
    const double stands_out = kMonthlyCharge * deviation * std::sqrt(2.0 / static_cast<double>(values.size()));
    // The quarter nearest to nothing still has to stand out, so that one wild month of two or three is no habit.
    const double least = charge > 0 ? *stats::quantile(values, 0.25) : *stats::quantile(values, 0.75);
    if (least * charge <= 0 || std::abs(least) < stands_out) continue;
    if (std::abs(least) < std::abs(charge) / 2) continue;
    result[place] = {charge, std::max(stats::scatter(values, charge), kMonthlyVariation * std::abs(charge))};
  }
  return result;
}

// Of a day's two places the one with the larger charge counts.
MonthlyCharge monthly_of(base::Day day, const std::map<int, MonthlyCharge>& monthly) {
  MonthlyCharge result;
  for (const int place : places_in_month(day)) {
    const auto found = monthly.find(place);
    if (found != monthly.end() && std::abs(found->second.amount) > std::abs(result.amount)) result = found->second;
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

// The scatter around each day, as workloads come and go within a year. It changes slowly: once a week is enough.
std::vector<double> local_scatter(const std::vector<double>& scaled) {
  std::vector<double> result(scaled.size());
  const std::size_t width = std::min<std::size_t>(kScatterDays, scaled.size());
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    if (i % 7 != 0) {
      result[i] = result[i - 1];
      continue;
    }
    const std::size_t begin = std::min(i - std::min(i, width / 2), scaled.size() - width);
    const double scatter = stats::scatter(std::span(scaled).subspan(begin, width), 0);
    result[i] = std::max(kLevelTakesScatter * scatter, kLeastRelativeDeviation);
  }
  return result;
}

void set_expected(base::Day first, Baseline& baseline) {
  const auto rest = distances(baseline.deseasoned, baseline);
  const auto units = scatter_units(baseline);
  std::vector<double> scaled = rest;
  for (std::size_t i = 0; i < rest.size(); ++i) scaled[i] *= baseline.unit[i] / units[i];
  const double overall = std::max(kLevelTakesScatter * stats::scatter(scaled, 0), kLeastRelativeDeviation);
  baseline.monthly = monthly_charges(first, rest, overall);
  const auto local = local_scatter(scaled);

  baseline.expected.resize(rest.size());
  baseline.deviation.resize(rest.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const base::Day day = first + std::chrono::days(i);
    const MonthlyCharge charge = monthly_of(day, baseline.monthly);
    baseline.expected[i] = baseline.level[i] + (baseline.weekday[i] + charge.amount) * baseline.unit[i];
    baseline.deviation[i] = std::hypot(local[i] * units[i], charge.deviation * baseline.unit[i]);
    baseline.deseasoned[i] -= charge.amount * baseline.unit[i];
  }
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

double Baseline::cycle_after(base::Day day) const {
  return last_weekday[weekday_of(day)] + monthly_of(day, monthly).amount;
}

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
    set_weekdays(first, clean, baseline);
    set_deseasoned(clean, baseline);
    baseline.level = running_median(baseline.deseasoned, kLevelWindow);
  }
  set_units(clean, baseline);
  set_deseasoned(clean, baseline);
  set_expected(first, baseline);
  // Figures hundreds of orders of magnitude apart, which no bill has, would yield nonsense.
  if (!all_finite(baseline.expected) || !all_finite(baseline.deviation)) return std::nullopt;
  return baseline;
}

}  // namespace costagent
