// Workloads of shapes that are far from a flat line with normal noise, and in which nothing happens: how much is told
// of them. benchmarks/analysis/shapes asks about more shapes and whole bills.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/random.h"
#include "costagent/analyze/anomalies.h"

namespace costagent {
namespace {

constexpr int kSeries = 40;

using Day = std::function<double(base::Random&, int)>;

// All anomalies of kSeries such workloads of so many days, each one of a customer's twenty slices.
std::size_t count_told(const Day& day, int days = 545) {
  std::size_t told = 0;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    base::Random random(seed);
    CostSeries series{{}, "USD", base::Day(std::chrono::days(19723)), {}};
    for (int i = 0; i < days; ++i) series.cost.push_back(100 * day(random, i));
    const Period whole{series.first, series.first + std::chrono::days(days)};
    told += find_anomalies(series, {}, whole, thresholds_of(Sensitivity::medium, 20)).size();
  }
  return told;
}

bool is_weekend(int i) { return i % 7 >= 5; }

// 1.5 times what is stated for a twentieth of sixty years: 3 false incidents.
constexpr std::size_t kStated = 5;

TEST(FalseAlarms, quiet_weekends_do_not_make_a_level_look_sure) {
  for (const double weekend : {0.5, 0.3, 0.1}) {
    const auto told = count_told(
        [=](base::Random& random, int i) { return (is_weekend(i) ? weekend : 1) * (1 + 0.08 * random.normal()); });
    EXPECT_LE(told, kStated) << weekend;
  }
}

TEST(FalseAlarms, what_is_now_on_and_now_off_has_one_level) {
  // Far from normal noise, and so more than stated; by medians alone it were hundreds.
  EXPECT_LE(count_told([](base::Random& random, int) { return random.chance(0.8) ? 1 + 0.1 * random.normal() : 0.1; }),
            30u);
}

TEST(FalseAlarms, a_level_that_wanders_is_nowhere_news) {
  double level = 0;
  EXPECT_LE(count_told([&](base::Random& random, int i) {
              level = i == 0 ? 0 : level + 0.02 * random.normal();
              return std::exp(level) * (is_weekend(i) ? 0.8 : 1);
            }),
            5 * kStated);
  // What rises within each month falls at its end, each time.
  EXPECT_LE(
      count_told([](base::Random& random, int i) { return (1 + 0.01 * (i % 30)) * (1 + 0.03 * random.normal()); }),
      kStated);
}

TEST(FalseAlarms, what_grows_by_a_fifth_each_month_does_so_at_the_end_as_well) {
  EXPECT_LE(
      count_told([](base::Random& random, int i) { return std::pow(1.2, i / 30.4) * (1 + 0.03 * random.normal()); }),
      2 * kStated);
}

TEST(FalseAlarms, a_short_past_is_known_to_say_little) {
  for (const int days : {30, 45, 60}) {
    const auto told = count_told(
        [](base::Random& random, int i) { return (is_weekend(i) ? 0.8 : 1) * (1 + 0.06 * random.normal()); }, days);
    EXPECT_LE(told, 1u) << days;
  }
  EXPECT_LE(count_told([](base::Random& random, int) { return -std::log(random.uniform(0, 1)); }, 60), 2 * kStated);
}

}  // namespace
}  // namespace costagent
