// Plants anomalies into made-up bills and counts how many are found, as what, how soon and with which cause.
//
//   planted [CUSTOMERS] [SEED] [low|medium|high] [--noise normal|student|correlated] [--whole] [--live]
//   planted [CUSTOMERS] [SEED] --tails [--noise …]         how often clean slices exceed which deviations
//
// By default 500 customers of seed 1 at medium sensitivity: as many with ten plants each, and as many clean years for
// the rate of false incidents (planted_bills.h). --live asks besides what is told when the bill ends so many days after
// a plant began as are allowed. Exit codes: 0 the bounds hold, 1 one is missed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "costagent/analyze/level_changes.h"
#include "costagent/domain/names.h"
#include "planted_bills.h"

namespace {

using namespace bench;
using namespace costagent;

struct Options {
  int customers = 500;
  std::uint64_t seed = 1;
  Sensitivity sensitivity = Sensitivity::medium;
  NoiseKind noise = NoiseKind::normal;
  bool whole = false;
  bool live = false;
  bool tails = false;
};

// Within so many days of its beginning each is to be told; a missing day by the second after it.
constexpr std::array<int, kPlantKinds> kInTime{1, 1, 7, 5, 3};

struct Count {
  int all = 0;
  int good = 0;

  void add(bool is_good) {
    ++all;
    good += is_good;
  }
  double percent() const { return all == 0 ? std::nan("") : 100.0 * good / all; }
};

struct ByKind {
  Count found;
  Count large;  // those of 6 deviations and more
  Count named;  // as what it is
  Count dated;  // within as many days as are allowed
  Count first;  // the planted slice is the first cause
  Count first_three;
  Count live;
  Count large_live;
  double days_off = 0;  // of those found, in sum
};

struct Tally {
  std::array<Count, 4> by_size;  // 3–6, 6–10, 10–20, 20–30 MADs
  std::array<ByKind, kPlantKinds> by_kind;
  Count told;  // of the planted bills' incidents, those that are of a plant
  int false_incidents = 0;
  std::map<std::string, int> false_by_kind;
  int clean_years = 0;
  double seconds = 0;
};

int days_since_first(base::Day day) { return static_cast<int>((day - first_day()).count()); }

// Whether it begins with the plant and is of its slice, or of one that holds it or that it holds.
bool is_of(const Incident& incident, const Plant& plant) {
  const int start = days_since_first(incident.cause().start);
  // What ends a shift or a drift is its end, and no false alarm.
  if (start < plant.at - 3 || start > plant.at + plant.days + 3) return false;
  return std::any_of(incident.causes.begin(), incident.causes.end(), [&](const Anomaly& anomaly) {
    const auto common = static_cast<std::ptrdiff_t>(std::min(anomaly.slice.size(), plant.slice.size()));
    return std::equal(anomaly.slice.begin(), anomaly.slice.begin() + common, plant.slice.begin());
  });
}

AnomalyKind kind_of(PlantKind kind) {
  constexpr std::array kinds{AnomalyKind::spike, AnomalyKind::dip, AnomalyKind::level_shift, AnomalyKind::drift,
                             AnomalyKind::missing_data};
  return kinds[kind];
}

// The earliest incident of the plant, and which are of it.
const Incident* find(const Plant& plant, const std::vector<Incident>& incidents, std::vector<bool>& explained) {
  const Incident* found = nullptr;
  for (std::size_t i = 0; i < incidents.size(); ++i) {
    if (!is_of(incidents[i], plant)) continue;
    explained[i] = true;
    if (found == nullptr || incidents[i].cause().start < found->cause().start) found = &incidents[i];
  }
  return found;
}

bool is_large(const Plant& plant) { return plant.mads >= 6 || plant.kind == missing || plant.kind == drift; }

void judge(const Plant& plant, const Incident* found, Tally& tally) {
  ByKind& kind = tally.by_kind[plant.kind];
  const std::size_t bin = plant.mads < 6 ? 0 : plant.mads < 10 ? 1 : plant.mads < 20 ? 2 : 3;
  if (plant.kind != missing) tally.by_size[bin].add(found != nullptr);
  kind.found.add(found != nullptr);
  if (plant.mads >= 6 || plant.kind == missing) kind.large.add(found != nullptr);
  if (found == nullptr) return;
  bool three = false;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, found->causes.size()); ++i)
    three |= found->causes[i].slice == plant.slice;
  kind.first.add(found->cause().slice == plant.slice);
  kind.first_three.add(three);
  kind.named.add(found->cause().kind == kind_of(plant.kind));
  const int off = std::abs(days_since_first(found->cause().start) - plant.at);
  kind.dated.add(off <= (plant.kind == drift ? 5 : 1));
  kind.days_off += off;
}

// Whether the plant is told of a bill that ends so many days after its beginning.
bool told_in_time(const MadeUpBill& bill, const Plant& plant, const Options& options, Period period) {
  const int last = plant.at + kInTime[plant.kind] + (plant.kind == missing ? plant.days : 0);
  const Thresholds thresholds = thresholds_of(options.sensitivity, kSlices);
  Findings found;
  for (const SliceLevel& level : bill.levels) {
    for (CostSeries series : level.series) {
      const auto common = static_cast<std::ptrdiff_t>(std::min(series.key.size(), plant.slice.size()));
      if (!std::equal(series.key.begin(), series.key.begin() + common, plant.slice.begin())) continue;
      series.cost.resize(static_cast<std::size_t>(last + 1));
      Findings more = look_at(series, level.dimensions, period, thresholds);
      std::move(more.anomalies.begin(), more.anomalies.end(), std::back_inserter(found.anomalies));
      std::move(more.hints.begin(), more.hints.end(), std::back_inserter(found.hints));
    }
  }
  const auto incidents = incidents_of(std::move(found.anomalies), std::move(found.hints));
  std::vector<bool> ignored(incidents.size());
  return find(plant, incidents, ignored) != nullptr;
}

void judge(const MadeUpBill& bill, const Options& options, Period period, Tally& tally) {
  const auto begin = std::clock();
  const auto incidents = find_incidents(bill.levels, period, options.sensitivity);
  tally.seconds += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::vector<bool> explained(incidents.size());
  for (const Plant& plant : bill.plants) {
    judge(plant, find(plant, incidents, explained), tally);
    if (!options.live) continue;
    const bool told = told_in_time(bill, plant, options, period);
    tally.by_kind[plant.kind].live.add(told);
    if (is_large(plant)) tally.by_kind[plant.kind].large_live.add(told);
  }
  if (bill.plants.empty()) {
    ++tally.clean_years;
    tally.false_incidents += static_cast<int>(incidents.size());
    for (const Incident& incident : incidents) ++tally.false_by_kind[std::string(name_of(incident.cause().kind))];
    return;
  }
  for (const bool is_explained : explained) tally.told.add(is_explained);
}

Count sum(const Tally& tally, Count ByKind::*what) {
  Count result;
  for (const ByKind& kind : tally.by_kind) {
    result.all += (kind.*what).all;
    result.good += (kind.*what).good;
  }
  return result;
}

int report(const Tally& tally, const Options& options) {
  const char* sizes[] = {"3-6", "6-10", "10-20", "20-30"};
  for (std::size_t i = 0; i < 4; ++i)
    fmt::print("recall of {:>5} MADs: {:5.1f} % of {}\n", sizes[i], tally.by_size[i].percent(), tally.by_size[i].all);
  fmt::print("{:<8} {:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "kind", "plants", "found %",
             "large %", "named %", "dated %", "days off", "first %", "three %", "live %", "l.live %");
  for (std::size_t i = 0; i < kPlantKinds; ++i) {
    const ByKind& kind = tally.by_kind[i];
    fmt::print("{:<8} {:>6} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} {:>9.2f} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f}\n",
               kPlantNames[i], kind.found.all, kind.found.percent(), kind.large.percent(), kind.named.percent(),
               kind.dated.percent(), kind.days_off / std::max(1, kind.found.good), kind.first.percent(),
               kind.first_three.percent(), kind.live.percent(), kind.large_live.percent());
  }
  const double recall = sum(tally, &ByKind::large).percent();
  const double precision = tally.told.percent();
  const double first = sum(tally, &ByKind::first).percent();
  const double three = sum(tally, &ByKind::first_three).percent();
  const double stated = false_incidents_a_year(options.sensitivity);
  const double rate = static_cast<double>(tally.false_incidents) / std::max(1, tally.clean_years);
  fmt::print("recall from 6 MADs: {:.1f} %\nprecision: {:.1f} %\ncause first: {:.1f} %, in the first three: {:.1f} %\n",
             recall, precision, first, three);
  fmt::print("named as what they are: {:.1f} %, dated in time: {:.1f} %\n", sum(tally, &ByKind::named).percent(),
             sum(tally, &ByKind::dated).percent());
  fmt::print("false incidents a customer and year: {:.2f}, stated {}", rate, stated);
  for (const auto& [kind, count] : tally.false_by_kind) fmt::print("; {} {}", kind, count);
  fmt::print("\n");
  fmt::print("{:.3f} ms of CPU a series of {} days\n",
             1e3 * tally.seconds / (tally.clean_years + tally.told.all > 0 ? 2.0 * options.customers * kSlices : 1),
             kDays);
  const bool kept =
      recall >= 90 && precision >= 90 && first >= 90 && three >= 98 && rate <= 1.5 * stated && rate >= stated / 1.5;
  return kept ? 0 : 1;
}

// How many days, steps and drifts a year of a clean slice has beyond each deviation.
int print_tails(const Options& options, Period period) {
  constexpr double kNever = 1e9;
  const Thresholds low{3, kNever, kNever, 1, 1};
  std::array<std::vector<double>, 3> found;
  for (int i = 0; i < options.customers; ++i) {
    const MadeUpBill bill =
        make_bill(options.seed * 1'000'000 + static_cast<std::uint64_t>(2 * i + 1), {options.noise, false, false});
    for (const SliceLevel& level : bill.levels) {
      for (const CostSeries& series : level.series) {
        for (const Anomaly& anomaly : find_anomalies(series, level.dimensions, period, low))
          found[0].push_back(anomaly.deviations);
        const auto baseline = baseline_of(series.first, series.cost);
        for (const bool drift : {false, true}) {
          const double threshold = drift ? 3 : 1.5;
          for (const LevelMove& move : level_moves(*baseline, drift ? kNever : threshold, drift ? threshold : kNever)) {
            if (move.at >= kFirstReported) found[drift ? 2 : 1].push_back(threshold * std::abs(move.strength));
          }
        }
      }
    }
  }
  const char* names[] = {"days", "steps", "drifts"};
  for (std::size_t i = 0; i < 3; ++i) {
    fmt::print("{}: log of how many a year exceed\n", names[i]);
    for (double from = 1.5; from <= 9; from += 0.5) {
      const auto beyond = std::count_if(found[i].begin(), found[i].end(), [&](double d) { return d >= from; });
      fmt::print("  {:.2f} {:7.3f}  ({})\n", from,
                 std::log(static_cast<double>(beyond) / (static_cast<double>(options.customers) * kSlices)), beyond);
    }
  }
  return 0;
}

Options parse(int argc, char** argv) {
  Options options;
  int place = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--whole") {
      options.whole = true;
    } else if (word == "--live") {
      options.live = true;
    } else if (word == "--tails") {
      options.tails = true;
    } else if (word == "--noise" && i + 1 < argc) {
      const std::string noise = argv[++i];
      options.noise = noise == "student"      ? NoiseKind::student
                      : noise == "correlated" ? NoiseKind::correlated
                                              : NoiseKind::normal;
    } else if (place == 0) {
      options.customers = std::atoi(word.c_str());
      ++place;
    } else if (place == 1) {
      options.seed = std::strtoull(word.c_str(), nullptr, 10);
      ++place;
    } else {
      options.sensitivity = word == "low" ? Sensitivity::low : word == "high" ? Sensitivity::high : Sensitivity::medium;
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const Period period{first_day() + std::chrono::days(kFirstReported), first_day() + std::chrono::days(kDays)};
  if (options.tails) return print_tails(options, period);
  Tally tally;
  for (int i = 0; i < 2 * options.customers; ++i) {
    const MadeUpBill bill =
        make_bill(options.seed * 1'000'000 + static_cast<std::uint64_t>(i), {options.noise, i % 2 == 0, options.whole});
    judge(bill, options, period, tally);
  }
  return report(tally, options);
}
