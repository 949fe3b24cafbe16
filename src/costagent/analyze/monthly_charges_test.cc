// Charges that come on the same days of every month are usual, and what they are due by is told apart.
#include <gtest/gtest.h>

#include <functional>

#include "costagent/analyze/anomalies.h"
#include "costagent/analyze/baseline.h"
#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

struct Place {
  unsigned day;        // of the month
  unsigned from_last;  // 0 on its last day
};

// A year and a half whose days cost what `factor` says of their place.
CostSeries monthly(std::uint64_t seed, const std::function<double(const Place&)>& factor, double weekend = 0.7) {
  CostSeries series = example_series(seed, {.days = 545, .weekend = weekend});
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    const std::chrono::year_month_day date(series.first + std::chrono::days(i));
    const std::chrono::year_month_day_last last(date.year(), std::chrono::month_day_last(date.month()));
    const unsigned day = static_cast<unsigned>(date.day());
    series.cost[i] *= factor({day, static_cast<unsigned>(last.day()) - day});
  }
  return series;
}

std::size_t count_found(const std::function<double(const Place&)>& factor, double weekend = 0.7) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const CostSeries series = monthly(seed, factor, weekend);
    const Period whole{series.first, series.first + std::chrono::days(series.cost.size())};
    found += find_anomalies(series, {}, whole, thresholds_of(Sensitivity::medium, 20)).size();
  }
  return found;
}

// Ten of twenty slices for a year and a half: 0.75 are stated.
constexpr std::size_t kFew = 3;

TEST(MonthlyCharges, the_first_days_of_a_month_are_no_business_days) {
  for (const double weekend : {0.5, 0.7, 1.0}) {
    EXPECT_LE(count_found([](const Place& at) { return at.day <= 3 ? 5 : 1; }, weekend), kFew) << weekend;
    EXPECT_LE(count_found([](const Place& at) { return at.day <= 3 ? 0.5 : 1; }, weekend), kFew) << weekend;
  }
  EXPECT_LE(count_found([](const Place& at) { return at.day <= 5 ? 0 : 1; }), kFew) << "free until the fifth";
}

TEST(MonthlyCharges, the_last_days_of_a_month_are_no_business_days) {
  EXPECT_LE(count_found([](const Place& at) { return at.from_last < 3 ? 2 : 1; }), kFew);
}

TEST(MonthlyCharges, what_is_due_on_the_first_is_told_from_the_first_business_day_by_the_months_where_they_differ) {
  const CostSeries first = monthly(
      3, [](const Place& at) { return at.day == 1 ? 3 : 1; }, 1);
  const auto baseline = baseline_of(first.first, first.cost);
  ASSERT_TRUE(baseline);
  // The first of September 2024 is a Sunday, and the second a business day.
  const auto sunday =
      static_cast<std::size_t>((std::chrono::sys_days(std::chrono::year(2024) / 9 / 1) - first.first).count());
  EXPECT_NEAR(baseline->expected[sunday] / baseline->level[sunday], 3, 0.2);
  EXPECT_NEAR(baseline->expected[sunday + 1] / baseline->level[sunday + 1], 1, 0.1);
}

}  // namespace
}  // namespace costagent
