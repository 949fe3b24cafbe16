#include "planted_bills.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/random.h"

namespace bench {
namespace {

using namespace costagent;

constexpr double kMad = 0.6745;         // of the standard deviation of normal noise
constexpr double kStudentMad = 0.7407;  // of Student's t with 4 degrees of freedom
constexpr double kCorrelation = 0.4;

enum class MonthDay { last, first_business, last_business };

bool works(base::Day day) {
  const std::chrono::weekday name(day);
  return name != std::chrono::Saturday && name != std::chrono::Sunday;
}

bool falls_on(MonthDay which, base::Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  const base::Day end = sys_days(date.year() / date.month() / last);
  const base::Day begin = sys_days(date.year() / date.month() / 1);
  base::Day wanted = which == MonthDay::first_business ? begin : end;
  while (which != MonthDay::last && !works(wanted)) wanted += days(which == MonthDay::first_business ? 1 : -1);
  return day == wanted;
}

class NoiseSource {
 public:
  NoiseSource(base::Random& random, NoiseKind kind) : random_(random), kind_(kind) {}

  double next() {
    const double normal = random_.normal();
    if (kind_ == NoiseKind::normal) return normal;
    if (kind_ == NoiseKind::correlated) {
      last_ = kCorrelation * last_ + std::sqrt(1 - kCorrelation * kCorrelation) * normal;
      return last_;
    }
    double squares = 0;
    for (int i = 0; i < 4; ++i) squares += std::pow(random_.normal(), 2);
    return normal / std::sqrt(squares / 4) * kMad / kStudentMad;
  }

 private:
  base::Random& random_;
  NoiseKind kind_;
  double last_ = 0;
};

// What a slice scatters by: a part of its level, as that grows.
struct Scatter {
  double at_first = 0;
  double growth = 0;  // a day, as a factor

  double at(int day) const { return at_first * std::pow(growth, day); }
};

CostSeries clean(base::Random& random, SliceKey key, NoiseKind kind, Scatter& scatter) {
  CostSeries series{std::move(key), "USD", first_day(), {}};
  const double level = std::exp(random.uniform(2, 8));
  const double noise = random.uniform(0.02, 0.08);
  const double weekend = random.chance(0.5) ? random.uniform(0.5, 1) : 1;
  const double growth = random.uniform(-0.01, 0.04);
  const double monthly = random.chance(0.2) ? random.uniform(0.3, 2) : 0;
  const auto due = static_cast<MonthDay>(random.below(3));
  scatter = {noise * level, std::pow(1 + growth, 1 / 30.0)};
  NoiseSource source(random, kind);
  for (int i = 0; i < kDays; ++i) {
    const base::Day day = series.first + std::chrono::days(i);
    double cost = level * std::pow(scatter.growth, i);
    if (!works(day)) cost *= weekend;
    cost *= std::max(0.0, 1 + noise * source.next());
    if (falls_on(due, day)) cost += monthly * level * (1 + 0.05 * random.normal());
    series.cost.push_back(cost);
  }
  return series;
}

void put(const Plant& plant, double deviation, CostSeries& series) {
  const double size = plant.mads * kMad * deviation;
  const double slope = std::max(0.67 * deviation, size / 10);
  for (int i = plant.at; i < plant.at + plant.days; ++i) {
    double& cost = series.cost[static_cast<std::size_t>(i)];
    switch (plant.kind) {
      case spike:
      case shift:
        cost += size;
        break;
      case dip:
        cost -= size;
        break;
      case drift:
        cost += slope * (i - plant.at + 1);
        break;
      case missing:
      case kPlantKinds:
        cost = kNoCharge;
        break;
    }
  }
}

void add_sums(MadeUpBill& bill) {
  const auto& leaves = bill.levels[2].series;
  const CostSeries none{{}, "USD", first_day(), std::vector<double>(kDays, kNoCharge)};
  bill.levels[0].series = {none};
  for (const CostSeries& leaf : leaves) {
    auto& services = bill.levels[1].series;
    if (services.empty() || services.back().key[0] != leaf.key[0]) {
      services.push_back(none);
      services.back().key = {leaf.key[0]};
    }
    for (CostSeries* sum : {&bill.levels[0].series[0], &services.back()}) {
      for (std::size_t i = 0; i < leaf.cost.size(); ++i) {
        if (std::isnan(leaf.cost[i])) continue;
        sum->cost[i] = std::isnan(sum->cost[i]) ? leaf.cost[i] : sum->cost[i] + leaf.cost[i];
      }
    }
  }
}

// What is planted into a service is planted into each of its regions by its share of the cost.
void put_into(MadeUpBill& bill, const Plant& plant, std::size_t slice, bool whole,
              const std::vector<Scatter>& scatters) {
  auto& leaves = bill.levels[2].series;
  if (!whole) return put(plant, scatters[slice].at(plant.at), leaves[slice]);
  const std::size_t first = slice / kRegions * kRegions;
  double variance = 0;
  double level = 0;
  for (std::size_t i = first; i < first + kRegions; ++i) {
    variance += std::pow(scatters[i].at(plant.at), 2);
    level += leaves[i].cost[0];
  }
  for (std::size_t i = first; i < first + kRegions; ++i)
    put(plant, std::sqrt(variance) * leaves[i].cost[0] / level, leaves[i]);
}

}  // namespace

base::Day first_day() { return base::Day(std::chrono::days(19000)); }

MadeUpBill make_bill(std::uint64_t seed, const BillOptions& options) {
  base::Random random(seed);
  MadeUpBill bill;
  bill.levels = {{{}, {}}, {{Dimension::service}, {}}, {{Dimension::service, Dimension::region}, {}}};
  std::vector<Scatter> scatters;
  for (int service = 0; service < kServices; ++service) {
    for (int region = 0; region < kRegions; ++region) {
      bill.levels[2].series.push_back(clean(random, {fmt::format("s{}", service), fmt::format("r{}", region)},
                                            options.noise, scatters.emplace_back()));
    }
  }
  for (int i = 0; options.planted && i < kPlants; ++i) {
    const auto kind = static_cast<PlantKind>(random.below(kPlantKinds));
    const int days = kind == shift ? 21 : kind == drift ? 14 : 1 + static_cast<int>(random.below(2));
    const auto slice = static_cast<std::size_t>(random.below(kServices * kRegions));
    Plant plant{kind, kFirstReported + 20 + 33 * i + static_cast<int>(random.below(8)), days,
                std::exp(random.uniform(std::log(3.0), std::log(30.0))), bill.levels[2].series[slice].key};
    if (options.whole) plant.slice.pop_back();
    put_into(bill, plant, slice, options.whole, scatters);
    bill.plants.push_back(std::move(plant));
  }
  add_sums(bill);
  return bill;
}

}  // namespace bench
