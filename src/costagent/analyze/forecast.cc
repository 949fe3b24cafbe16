#include "costagent/analyze/forecast.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "costagent/analyze/late_days.h"
#include "costagent/analyze/silences.h"

namespace costagent {
namespace {

constexpr double kUsuallyCharged = 0.6;
constexpr double kDeviationsIn80 = 2 * 1.2816;

bool charged(double value) { return std::isfinite(value); }

// The series from its first charge to the day before `from`, with zeros where no cost is meant by no charge.
CostSeries prepared(const CostSeries& series, base::Day from) {
  CostSeries result{{}, series.currency, series.first, series.cost};
  auto& cost = result.cost;
  const auto until = std::max<std::ptrdiff_t>((from - series.first).count(), 0);
  cost.resize(static_cast<std::size_t>(until), std::numeric_limits<double>::quiet_NaN());
  const auto begin = std::find_if(cost.begin(), cost.end(), charged);
  result.first += std::chrono::days(begin - cost.begin());
  cost.erase(cost.begin(), begin);
  const auto end = std::find_if(cost.rbegin(), cost.rend(), charged).base();
  const auto days = static_cast<double>(std::count_if(cost.begin(), cost.end(), charged));
  const bool irregular = days < kUsuallyCharged * static_cast<double>(end - cost.begin());
  const Silences silences = silences_of(result.first, cost, Charging::silent);
  for (auto gap = cost.begin(); gap != cost.end();) {
    gap = std::find_if_not(gap, cost.end(), charged);
    const auto next = std::find_if(gap, cost.end(), charged);
    // A short gap at the end is a bill on its way; a long one is the end of what was charged.
    const bool nothing = next - gap >= kDaysWithoutCosts || (irregular && next != cost.end());
    for (; gap != next; ++gap) {
      if (nothing || silences.at(static_cast<std::size_t>(gap - cost.begin()))) *gap = 0;
    }
  }
  return result;
}

double variance_of(const Bounds& bounds) {
  const double deviation = (bounds.high_80 - bounds.low_80) / kDeviationsIn80;
  return deviation * deviation;
}

// A short past says nothing of sums: then the days may all err alike, and their deviations add up to `spread`.
Bounds bounds_of_sum(const SumErrors& sums, std::size_t days, double spread) {
  if (sums.steps() >= days) return sums.around_sum(days);
  return {-1.2816 * spread, 1.2816 * spread, -1.96 * spread, 1.96 * spread};
}

// Whether no day may bring anything back, so that a sum of them is no less than what there was before.
bool only_adds(std::span<const ForecastDay> days) {
  return std::all_of(days.begin(), days.end(), [](const ForecastDay& day) { return day.bounds.low_95 >= 0; });
}

Bounds bounds_from(double value, const Bounds& around, double least) {
  return {std::max(least, value + around.low_80), value + around.high_80, std::max(least, value + around.low_95),
          value + around.high_95};
}

void move(double& value, Bounds& bounds, double by, double least) {
  value = std::max(least, value + by);
  bounds = {std::max(least, bounds.low_80 + by), std::max(least, bounds.high_80 + by),
            std::max(least, bounds.low_95 + by), std::max(least, bounds.high_95 + by)};
}

// What is to come of late days from `begin` on.
struct ToCome {
  double cost = 0;
  double spread = 0;
  std::size_t days = 0;
};

ToCome to_come(const Forecast& forecast, base::Day begin) {
  ToCome result;
  for (const ForecastDay& day : forecast.late) {
    if (day.day < begin) continue;
    result.cost += day.cost;
    result.spread += std::sqrt(variance_of(day.bounds));
    ++result.days;
  }
  return result;
}

// The total of the days there are, and its bounds.
void set_total(Forecast& forecast) {
  forecast.total = 0;
  double spread = 0;
  for (const ForecastDay& day : forecast.days) {
    forecast.total += day.cost;
    spread += std::sqrt(variance_of(day.bounds));
  }
  const Bounds around = bounds_of_sum(forecast.sums, forecast.days.size(), spread);
  const double least = only_adds(forecast.days) ? 0 : -std::numeric_limits<double>::infinity();
  forecast.total_bounds = bounds_from(forecast.total, around, least);
}

// What takes a share of the difference between a whole and its parts.
struct Sharer {
  double value = 0;
  double variance = 0;
  double least = 0;
  double sign = 1;  // -1 for the whole, which moves against its parts
  bool held = false;
};

// By how much each moves for a unit of its variance, so that all add up. Who would fall below the least is held there;
// then the others move further, so that nobody is let go again: this ends after as many rounds as there are sharers.
double share_of(std::vector<Sharer>& sharers) {
  while (true) {
    double gap = 0;
    double variance = 0;
    for (const Sharer& one : sharers) {
      gap -= one.sign * (one.held ? one.least : one.value);
      variance += one.held ? 0 : one.variance;
    }
    // Where nothing is uncertain the parts are right, as they are seen more closely.
    const double share = variance > 0 ? gap / variance : 0;
    bool settled = true;
    for (Sharer& one : sharers) {
      if (one.held || one.value + one.sign * share * one.variance >= one.least) continue;
      one.held = true;
      settled = false;
    }
    if (settled) return share;
  }
}

// Shares out whole − Σ parts of a day.
void share_out(Forecast& whole, std::span<Forecast> parts, std::size_t day) {
  std::vector<Sharer> sharers;
  const auto add = [&](const Forecast& forecast, double sign) {
    const ForecastDay& of = forecast.days[day];
    sharers.push_back({of.cost, variance_of(of.bounds), forecast.least, sign});
  };
  for (const Forecast& part : parts) add(part, 1);
  add(whole, -1);
  const double share = share_of(sharers);
  double sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Sharer& one = sharers[i];
    ForecastDay& of = parts[i].days[day];
    move(of.cost, of.bounds, one.held ? one.least - one.value : share * one.variance, one.least);
    sum += of.cost;
  }
  // Sure parts may make a whole less than it ever was.
  ForecastDay& of = whole.days[day];
  move(of.cost, of.bounds, sum - of.cost, std::min(whole.least, sum));
}

}  // namespace

std::optional<Forecast> forecast_of(const CostSeries& series, base::Day from, int days) {
  assert(days >= 1 && days <= kMostForecastDays);
  const CostSeries past = prepared(series, from);
  const auto last = std::find_if(past.cost.rbegin(), past.cost.rend(), charged).base();
  if (last - past.cost.begin() < kLeastForecastHistory) return std::nullopt;
  const auto there = std::span(past.cost).first(static_cast<std::size_t>(last - past.cost.begin()));
  const std::size_t before_late = days_before_late_ones(past.first, there);
  auto known = there.first(before_late);
  while (!charged(known.back())) known = known.first(known.size() - 1);
  // A few days before `from`, as a longer gap has zeros.
  const base::Day next = past.first + std::chrono::days(known.size());
  const auto skipped = static_cast<std::size_t>((from - next).count());
  const std::size_t steps = skipped + static_cast<std::size_t>(days);
  auto predicted = predict({past.first, std::chrono::days(1)}, known, steps);
  if (!predicted) return std::nullopt;

  Forecast forecast;
  forecast.trials = predicted->origins;
  if (std::all_of(past.cost.begin(), past.cost.end(), [](double cost) { return !(cost < 0); })) forecast.least = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const PredictedValue& value = predicted->values[i];
    ForecastDay day{next + std::chrono::days(i), value.value, value.bounds};
    const std::size_t at = known.size() + i;
    if (i >= skipped) {
      forecast.days.push_back(day);
    } else if (at >= before_late && at < there.size()) {
      move(day.cost, day.bounds, charged(there[at]) ? -there[at] : 0, 0);
      forecast.late.push_back(day);
    }
  }
  // Sums begin after the last charge; the days that are skipped are as uncertain as the first that are not.
  forecast.sums = std::move(predicted->sums);
  set_total(forecast);
  return forecast;
}

void reconcile(Forecast& whole, std::span<Forecast> parts) {
  if (parts.empty()) return;
  for (std::size_t i = 0; i < whole.days.size(); ++i) share_out(whole, parts, i);
  const auto sum_up = [](Forecast& forecast) {
    double total = 0;
    for (const ForecastDay& day : forecast.days) total += day.cost;
    move(forecast.total, forecast.total_bounds, total - forecast.total, std::min(forecast.least, total));
    forecast.total = total;
  };
  sum_up(whole);
  for (Forecast& part : parts) sum_up(part);
}

void shorten(Forecast& forecast, int days) {
  if (forecast.days.size() <= static_cast<std::size_t>(days)) return;
  forecast.days.resize(static_cast<std::size_t>(days));
  set_total(forecast);
}

std::optional<Landing> landing_of(const CostSeries& series, const Forecast& forecast) {
  using namespace std::chrono;
  const base::Day from = forecast.days.front().day;
  const year_month_day date(from);
  const base::Day begin = sys_days(date.year() / date.month() / 1);
  const base::Day end = sys_days(date.year() / date.month() / last) + std::chrono::days(1);
  if (forecast.days.back().day + std::chrono::days(1) < end) return std::nullopt;
  Landing landing;
  landing.month = {begin, end};
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    const base::Day day = series.first + std::chrono::days(i);
    if (day >= begin && day < from && charged(series.cost[i])) landing.so_far += series.cost[i];
  }
  const ToCome late = to_come(forecast, begin);
  landing.expected = landing.so_far + late.cost;
  const auto left = static_cast<std::size_t>((end - from).count());
  double spread = late.spread;
  for (std::size_t i = 0; i < left; ++i) {
    landing.expected += forecast.days[i].cost;
    spread += std::sqrt(variance_of(forecast.days[i].bounds));
  }
  const Bounds around = bounds_of_sum(forecast.sums, late.days + left, spread);
  const bool adds = only_adds(std::span(forecast.days).first(left));
  const double least = adds ? landing.so_far : -std::numeric_limits<double>::infinity();
  landing.bounds = bounds_from(landing.expected, around, least);
  return landing;
}

BudgetOutlook outlook_of(const CostSeries& series, const Forecast& forecast, const Landing& landing, double budget) {
  BudgetOutlook outlook;
  const base::Day from = forecast.days.front().day;
  // A credit may bring a month that was over its budget back below it: the last time counts.
  const auto look = [&outlook](base::Day day, bool over) {
    if (!over) {
      outlook.passed.reset();
    } else if (!outlook.passed) {
      outlook.passed = day;
    }
  };
  double sum = 0;
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    const base::Day day = series.first + std::chrono::days(i);
    if (day < landing.month.from || day >= from || !charged(series.cost[i])) continue;
    sum += series.cost[i];
    look(day, sum > budget);
  }
  const auto left = static_cast<std::size_t>((landing.month.to - from).count());
  if (outlook.passed && only_adds(std::span(forecast.days).first(left))) {
    outlook.chance = 1;
    return outlook;
  }
  const double least = 0.5 / (forecast.trials + 1.0);
  const ToCome late = to_come(forecast, landing.month.from);
  sum += late.cost;
  double spread = late.spread;
  for (std::size_t i = 0; i < left; ++i) {
    sum += forecast.days[i].cost;
    spread += std::sqrt(variance_of(forecast.days[i].bounds));
    const double room = budget - sum;
    const std::size_t summed = late.days + i + 1;
    const double chance = forecast.sums.steps() >= summed ? forecast.sums.chance_above(summed, room)
                          : spread > 0                    ? 0.5 * std::erfc(room / spread / std::sqrt(2.0))
                                                          : (room < 0 ? 1 : 0);
    outlook.chance = std::clamp(chance, least, 1 - least);
    look(forecast.days[i].day, outlook.chance > 0.5);
  }
  return outlook;
}

}  // namespace costagent
