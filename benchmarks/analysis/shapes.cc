// Counts the incidents that are told of bills in which nothing happens, for workloads of many shapes.
//
//   shapes [CUSTOMERS] [SEED] [SHAPE …]
//
// By default 20 customers of every shape, each of 4 services in 2 regions over 545 days, of which the last year is
// asked about. A shape's bound is a factor of 1.5 of what is stated for normal noise, and 4 where its noise is far from
// normal. Exit codes: 0 the bounds hold at medium sensitivity, 1 one is missed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "costagent/analyze/incidents.h"
#include "costagent/domain/names.h"

namespace {

using namespace costagent;

constexpr int kDays = 545;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
const base::Day kFirst{std::chrono::days(19723)};  // 2024-01-01, a Monday

struct Place {
  int i;  // days since the first
  bool weekend;
  unsigned day;        // of the month
  unsigned from_last;  // 0 on the last day of the month
};

Place place_of(int i) {
  const std::chrono::year_month_day date(kFirst + std::chrono::days(i));
  const std::chrono::year_month_day_last last(date.year(), std::chrono::month_day_last(date.month()));
  return {i, i % 7 >= 5, unsigned(date.day()), unsigned(last.day()) - unsigned(date.day())};
}

using Day = std::function<double(base::Random&, const Place&, double& state)>;  // as a part of the level

double around_one(base::Random& random, double scatter) { return 1 + scatter * random.normal(); }

double poisson(base::Random& random, double mean) {
  double product = random.uniform(0, 1);
  int count = 0;
  for (; product > std::exp(-mean); ++count) product *= random.uniform(0, 1);
  return count;
}

Day weekly(double weekend, double scatter) {
  return [=](base::Random& random, const Place& at, double&) {
    return (at.weekend ? weekend : 1) * around_one(random, scatter);
  };
}

// A weekly shape times what `part` says of a day.
Day with(const std::function<double(const Place&)>& part, double scatter = 0.06) {
  return [=](base::Random& random, const Place& at, double&) {
    return part(at) * (at.weekend ? 0.7 : 1) * around_one(random, scatter);
  };
}

struct Shape {
  const char* name;
  Day day;
  double bound;  // false incidents at medium sensitivity
  int days = kDays;
};

std::vector<Shape> shapes() {
  constexpr double kUsual = 1.5;
  constexpr double kFar = 4;
  // A year's wave bends faster than growth is followed; of what jumps at the beginning of each month the jumps are
  // told.
  constexpr double kWave = 5;
  constexpr double kCounts = 2.5;  // the larger the more they scatter
  constexpr double kOnAndOff = 6;
  std::vector<Shape> all{
      {"flat", weekly(1, 0.06), kUsual},
      {"weekends of 0.7", weekly(0.7, 0.06), kUsual},
      {"weekends of 0.5", weekly(0.5, 0.08), kUsual},
      {"weekends of 0.3", weekly(0.3, 0.08), kUsual},
      {"weekends of 0.1", weekly(0.1, 0.08), kUsual},
      {"weekends that scatter more",
       [](base::Random& random, const Place& at, double&) { return around_one(random, at.weekend ? 0.15 : 0.04); },
       kFar},
      {"no weekends",
       [](base::Random& random, const Place& at, double&) { return at.weekend ? kNone : around_one(random, 0.06); },
       kUsual},
      {"growth of 5 % a month", with([](const Place& at) { return std::pow(1.05, at.i / 30.4); }), kUsual},
      {"growth of 20 % a month", with([](const Place& at) { return std::pow(1.2, at.i / 30.4); }), kUsual},
      {"a year's wave", with([](const Place& at) { return 1 + 0.5 * std::sin(2 * std::numbers::pi * at.i / 365); }),
       kWave},
      {"first 3 days of a month × 5", with([](const Place& at) { return at.day <= 3 ? 5 : 1; }), kUsual},
      {"first 3 days of a month ÷ 2", with([](const Place& at) { return at.day <= 3 ? 0.5 : 1; }), kUsual},
      {"first 5 days of a month free", with([](const Place& at) { return at.day <= 5 ? 0 : 1; }), kUsual},
      {"last 3 days of a month × 2", with([](const Place& at) { return at.from_last < 3 ? 2 : 1; }), kUsual},
      {"the 15th of a month × 5", with([](const Place& at) { return at.day == 15 ? 5 : 1; }), kUsual},
      {"a month's ramp of 30 %", with([](const Place& at) { return 1 + 0.3 * (at.day - 1) / 30; }), kWave},
      {"counts of 30", [](base::Random& random, const Place&, double&) { return poisson(random, 30) / 30; }, kCounts},
      {"counts of 4", [](base::Random& random, const Place&, double&) { return poisson(random, 4) / 4; }, kFar},
      {"a batch on 4 of 5 days",
       [](base::Random& random, const Place&, double&) { return random.chance(0.8) ? around_one(random, 0.1) : 0.1; },
       kOnAndOff},
      {"gamma of shape 3",
       [](base::Random& random, const Place&, double&) {
         double product = 1;
         for (int k = 0; k < 3; ++k) product *= random.uniform(0, 1);
         return -std::log(product) / 3;
       },
       kFar},
      {"a level that wanders",
       [](base::Random& random, const Place& at, double& state) {
         state += 0.02 * random.normal();
         return (at.weekend ? 0.8 : 1) * std::exp(state);
       },
       kFar},
      {"neighbours alike (0.6)",
       [](base::Random& random, const Place& at, double& state) {
         state = 0.6 * state + 0.05 * random.normal();
         return (at.weekend ? 0.7 : 1) * std::exp(state);
       },
       kFar},
  };
  // Of a short past, what is stated for a year is a part of it; a false incident in two bills is borne.
  constexpr double kShort = 0.6;
  for (const int days : {30, 45, 60, 90}) all.push_back({"short", weekly(0.8, 0.06), kShort, days});
  const Day exponential = [](base::Random& random, const Place&, double&) { return -std::log(random.uniform(0, 1)); };
  const Day uniform = [](base::Random& random, const Place&, double&) { return random.uniform(0.5, 1.5); };
  for (const int days : {60, kDays}) {
    all.push_back({"exponential", exponential, kFar, days});
    all.push_back({"uniform", uniform, kUsual, days});
  }
  return all;
}

std::vector<SliceLevel> bill(const Shape& shape, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<SliceLevel> levels{
      {{}, {}}, {{Dimension::service}, {}}, {{Dimension::region}, {}}, {{Dimension::service, Dimension::region}, {}}};
  const auto add = [&](SliceLevel& level, const SliceKey& key, const std::vector<double>& cost) {
    auto found = std::find_if(level.series.begin(), level.series.end(), [&](const auto& s) { return s.key == key; });
    if (found == level.series.end())
      found = level.series.insert(found, {key, "USD", kFirst, std::vector<double>(cost.size(), kNone)});
    for (std::size_t i = 0; i < cost.size(); ++i) {
      if (!std::isnan(cost[i])) found->cost[i] = std::isnan(found->cost[i]) ? cost[i] : found->cost[i] + cost[i];
    }
  };
  for (int service = 0; service < 4; ++service) {
    for (int region = 0; region < 2; ++region) {
      const double level = std::exp(random.uniform(2, 6));
      double state = 0;
      std::vector<double> cost;
      for (int i = kDays - shape.days; i < kDays; ++i) cost.push_back(level * shape.day(random, place_of(i), state));
      const std::string s = fmt::format("s{}", service);
      const std::string r = fmt::format("r{}", region);
      add(levels[0], {}, cost);
      add(levels[1], {s}, cost);
      add(levels[2], {r}, cost);
      add(levels[3], {s, r}, cost);
    }
  }
  for (SliceLevel& level : levels) {
    for (CostSeries& series : level.series) series.first = kFirst + std::chrono::days(kDays - shape.days);
  }
  return levels;
}

}  // namespace

int main(int argc, char** argv) {
  const int customers = argc > 1 ? std::atoi(argv[1]) : 20;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::vector<std::string> wanted(argv + std::min(argc, 3), argv + argc);
  bool kept = true;
  fmt::print("false incidents a customer, of its last year\n{:<34} {:>6} {:>8} {:>6} {:>7}\n", "shape", "low", "medium",
             "high", "bound");
  for (const Shape& shape : shapes()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), shape.name) == wanted.end()) continue;
    const Period year{kFirst + std::chrono::days(std::max(0, kDays - 365)), kFirst + std::chrono::days(kDays)};
    double counts[3]{};
    std::map<std::string, int> kinds;
    for (int customer = 0; customer < customers; ++customer) {
      const auto levels = bill(shape, seed * 100'000 + static_cast<std::uint64_t>(customer));
      for (const auto sensitivity : {Sensitivity::low, Sensitivity::medium, Sensitivity::high}) {
        const auto incidents = find_incidents(levels, year, sensitivity);
        counts[static_cast<std::size_t>(sensitivity)] += static_cast<double>(incidents.size()) / customers;
        for (const Incident& incident : incidents) {
          if (sensitivity == Sensitivity::medium) ++kinds[std::string(name_of(incident.cause().kind))];
        }
      }
    }
    const std::string name = shape.days == kDays ? shape.name : fmt::format("{}, {} days", shape.name, shape.days);
    fmt::print("{:<34} {:>6.2f} {:>8.2f} {:>6.2f} {:>7.1f}{}", name, counts[0], counts[1], counts[2], shape.bound,
               counts[1] <= shape.bound ? "" : "  missed");
    for (const auto& [kind, count] : kinds) fmt::print("  {} {}", kind, count);
    fmt::print("\n");
    kept = kept && counts[1] <= shape.bound;
  }
  return kept ? 0 : 1;
}
