// Plants anomalies into made-up bills and counts how many are found, how soon and with which cause.
//
//   planted [CUSTOMERS] [SEED] [low|medium|high]        default: 500 1 medium
//
// A customer has 8 services in 3 regions over 425 days, of which the last 365 are reported: 24 slices with a level, a
// week, a growth, month-ends and noise of their own, their sums by service, and the total. Half of the customers are
// clean years, for the rate of false incidents; the others have ten plants each, at least 25 days apart: spikes, dips,
// shifts, drifts of at least 0.67 standard deviations a day, missing days. Their sizes are log-uniform from 3 to 30
// median absolute deviations of the slice. Exit codes: 0 the bounds hold, 1 one is missed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "costagent/analyze/incidents.h"

namespace {

using namespace costagent;

constexpr int kDays = 425;
constexpr int kFirstReported = 60;
constexpr int kServices = 8;
constexpr int kRegions = 3;
constexpr int kPlants = 10;
constexpr double kMad = 0.6745;  // of the standard deviation of normal noise

enum Kind { spike, dip, shift, drift, missing, kKinds };
constexpr const char* kNames[] = {"spike", "dip", "shift", "drift", "missing"};

struct Plant {
  Kind kind;
  int at;
  int days;  // shifts and drifts are undone after them
  std::size_t slice;
  double mads;
};

struct Customer {
  std::vector<SliceLevel> levels;  // total, services, services by region
  std::vector<Plant> plants;
};

base::Day first_day() { return base::Day(std::chrono::days(19000)); }

CostSeries clean(base::Random& random, SliceKey key, double& deviation) {
  CostSeries series{std::move(key), "USD", first_day(), {}};
  const double level = std::exp(random.uniform(2, 8));
  const double noise = random.uniform(0.02, 0.08);
  const double weekend = random.chance(0.5) ? random.uniform(0.5, 1) : 1;
  const double growth = random.uniform(-0.01, 0.04);
  const double month_end = random.chance(0.2) ? random.uniform(0.3, 2) : 0;
  deviation = noise * level;
  for (int i = 0; i < kDays; ++i) {
    const base::Day day = series.first + std::chrono::days(i);
    const std::chrono::weekday name(day);
    const std::chrono::year_month_day tomorrow(day + std::chrono::days(1));
    double cost = level * std::pow(1 + growth, i / 30.0);
    if (name == std::chrono::Saturday || name == std::chrono::Sunday) cost *= weekend;
    cost *= 1 + noise * random.normal();
    if (static_cast<unsigned>(tomorrow.day()) == 1) cost += month_end * level * (1 + 0.05 * random.normal());
    series.cost.push_back(cost);
  }
  return series;
}

void plant(const Plant& plant, double deviation, CostSeries& series) {
  const double size = plant.mads * kMad * deviation;
  const double slope = std::max(0.67 * deviation, size / 10);
  for (int i = plant.at; i < plant.at + plant.days; ++i) {
    double& cost = series.cost[static_cast<std::size_t>(i)];
    switch (plant.kind) {
      case spike:
        cost += size;
        break;
      case dip:
        cost -= size;
        break;
      case shift:
        cost += size;
        break;
      case drift:
        cost += slope * (i - plant.at + 1);
        break;
      case missing:
      case kKinds:
        cost = kNoCharge;
        break;
    }
  }
}

void add_sums(Customer& customer) {
  const auto& leaves = customer.levels[2].series;
  CostSeries none{{}, "USD", first_day(), std::vector<double>(kDays, kNoCharge)};
  customer.levels[0].series = {none};
  for (const CostSeries& leaf : leaves) {
    auto& services = customer.levels[1].series;
    if (services.empty() || services.back().key[0] != leaf.key[0]) {
      services.push_back(none);
      services.back().key = {leaf.key[0]};
    }
    for (CostSeries* sum : {&customer.levels[0].series[0], &services.back()}) {
      for (std::size_t i = 0; i < leaf.cost.size(); ++i) {
        if (std::isnan(leaf.cost[i])) continue;
        sum->cost[i] = std::isnan(sum->cost[i]) ? leaf.cost[i] : sum->cost[i] + leaf.cost[i];
      }
    }
  }
}

Customer make(std::uint64_t seed, bool planted) {
  base::Random random(seed);
  Customer customer;
  customer.levels = {{{}, {}}, {{Dimension::service}, {}}, {{Dimension::service, Dimension::region}, {}}};
  std::vector<double> deviations;
  for (int service = 0; service < kServices; ++service) {
    for (int region = 0; region < kRegions; ++region) {
      customer.levels[2].series.push_back(
          clean(random, {fmt::format("s{}", service), fmt::format("r{}", region)}, deviations.emplace_back()));
    }
  }
  for (int i = 0; planted && i < kPlants; ++i) {
    const auto kind = static_cast<Kind>(random.below(kKinds));
    const int days = kind == shift ? 21 : kind == drift ? 14 : 1 + static_cast<int>(random.below(2));
    // 35 days for each, so that none covers the next.
    const Plant what{kind, kFirstReported + 20 + 33 * i + static_cast<int>(random.below(8)), days,
                     static_cast<std::size_t>(random.below(kServices * kRegions)),
                     std::exp(random.uniform(std::log(3.0), std::log(30.0)))};
    plant(what, deviations[what.slice], customer.levels[2].series[what.slice]);
    customer.plants.push_back(what);
  }
  add_sums(customer);
  return customer;
}

struct Count {
  int planted = 0;
  int found = 0;
};

struct Tally {
  Count by_size[4];  // 3–6, 6–10, 10–20, 20–30 MADs
  Count by_kind[kKinds];
  int first_by_kind[kKinds] = {};
  int on_time_by_kind[kKinds] = {};
  Count large;
  int true_incidents = 0;
  int first = 0;
  int first_three = 0;
  int on_time = 0;
  int false_incidents = 0;
  int clean_years = 0;
  double seconds = 0;
};

// Whether it begins with the plant and is of its slice, or of one that holds it.
bool is_of(const Incident& incident, const Plant& plant, const SliceKey& leaf) {
  const int start = static_cast<int>((incident.cause().start - first_day()).count());
  // What ends a shift or a drift is its end, and no false alarm.
  if (start < plant.at - 3 || start > plant.at + plant.days + 3) return false;
  return std::any_of(incident.causes.begin(), incident.causes.end(), [&](const Anomaly& anomaly) {
    return std::equal(anomaly.slice.begin(), anomaly.slice.end(), leaf.begin());
  });
}

void judge(const Customer& customer, const std::vector<Incident>& incidents, Tally& tally) {
  std::vector<bool> explained(incidents.size());
  for (const Plant& plant : customer.plants) {
    const SliceKey& leaf = customer.levels[2].series[plant.slice].key;
    const Incident* found = nullptr;
    for (std::size_t i = 0; i < incidents.size(); ++i) {
      if (!is_of(incidents[i], plant, leaf)) continue;
      explained[i] = true;
      if (found == nullptr || incidents[i].cause().start < found->cause().start) found = &incidents[i];
    }
    const bool sized = plant.kind != missing;
    const int bin = plant.mads < 6 ? 0 : plant.mads < 10 ? 1 : plant.mads < 20 ? 2 : 3;
    const auto count = [&](Count& c) {
      ++c.planted;
      c.found += found != nullptr;
    };
    if (sized) count(tally.by_size[bin]);
    count(tally.by_kind[plant.kind]);
    if (plant.mads >= 6 || !sized) count(tally.large);
    if (found == nullptr) continue;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, found->causes.size()); ++i) {
      const bool is_it = found->causes[i].slice == leaf;
      tally.first += is_it && i == 0;
      tally.first_by_kind[plant.kind] += is_it && i == 0;
      tally.first_three += is_it;
    }
    const auto late = (found->cause().start - first_day()).count() - plant.at;
    const bool on_time = late <= (plant.kind == drift ? 5 : 1);
    tally.on_time += on_time;
    tally.on_time_by_kind[plant.kind] += on_time;
    ++tally.true_incidents;
  }
  const auto unexplained = static_cast<int>(std::count(explained.begin(), explained.end(), false));
  if (customer.plants.empty()) {
    tally.false_incidents += unexplained;
    ++tally.clean_years;
  }
}

double percent(int part, int whole) { return whole == 0 ? 100 : 100.0 * part / whole; }

int report(const Tally& tally, int wrong, int told, double stated) {
  const char* sizes[] = {"3-6", "6-10", "10-20", "20-30"};
  for (int i = 0; i < 4; ++i) {
    fmt::print("recall of {:>5} MADs: {:5.1f} % of {}\n", sizes[i],
               percent(tally.by_size[i].found, tally.by_size[i].planted), tally.by_size[i].planted);
  }
  for (int i = 0; i < kKinds; ++i) {
    const Count& kind = tally.by_kind[i];
    fmt::print("recall of {:>8}: {:5.1f} % of {}, of those cause first {:.1f} %, dated on time {:.1f} %\n", kNames[i],
               percent(kind.found, kind.planted), kind.planted, percent(tally.first_by_kind[i], kind.found),
               percent(tally.on_time_by_kind[i], kind.found));
  }
  const double recall = percent(tally.large.found, tally.large.planted);
  const double precision = percent(told - wrong, told);
  const double first = percent(tally.first, tally.true_incidents);
  const double three = percent(tally.first_three, tally.true_incidents);
  const double rate = static_cast<double>(tally.false_incidents) / std::max(1, tally.clean_years);
  fmt::print("recall from 6 MADs: {:.1f} %\nprecision: {:.1f} %\ncause first: {:.1f} %, in the first three: {:.1f} %\n",
             recall, precision, first, three);
  fmt::print("dated on time: {:.1f} %\nfalse incidents a customer and year: {:.2f}, stated {}\n",
             percent(tally.on_time, tally.true_incidents), rate, stated);
  fmt::print("{:.3f} ms a series\n", 1e3 * tally.seconds);
  const bool kept =
      recall >= 90 && precision >= 90 && first >= 90 && three >= 98 && rate <= 1.5 * stated && rate >= stated / 1.5;
  return kept ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int customers = argc > 1 ? std::atoi(argv[1]) : 500;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::string word = argc > 3 ? argv[3] : "medium";
  const auto sensitivity = word == "low" ? Sensitivity::low : word == "high" ? Sensitivity::high : Sensitivity::medium;
  const Period period{first_day() + std::chrono::days(kFirstReported), first_day() + std::chrono::days(kDays)};
  Tally tally;
  int wrong = 0;
  int told = 0;
  double seconds = 0;
  for (int i = 0; i < 2 * customers; ++i) {
    const Customer customer = make(seed * 1'000'000 + static_cast<std::uint64_t>(i), i % 2 == 0);
    const auto begin = std::chrono::steady_clock::now();
    const auto incidents = find_incidents(customer.levels, period, sensitivity);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    judge(customer, incidents, tally);
    if (customer.plants.empty()) continue;
    told += static_cast<int>(incidents.size());
    wrong += static_cast<int>(std::count_if(incidents.begin(), incidents.end(), [&](const Incident& incident) {
      return std::none_of(customer.plants.begin(), customer.plants.end(), [&](const Plant& plant) {
        return is_of(incident, plant, customer.levels[2].series[plant.slice].key);
      });
    }));
  }
  tally.seconds = seconds / (2.0 * customers * (1 + kServices + kServices * kRegions));
  return report(tally, wrong, told, false_incidents_a_year(sensitivity));
}
