// How long what has changed lasts, as anomalies tell it.
#include "costagent/analyze/move_spans.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "costagent/analyze/anomalies.h"
#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

constexpr int kAt = 200;

base::Day day_of(const CostSeries& series, int i) { return series.first + std::chrono::days(i); }

// Costs `factor` as much for so many days.
CostSeries raised(std::uint64_t seed, double factor, int days) {
  CostSeries series = example_series(seed);
  for (int i = kAt; i < kAt + days; ++i) series.cost[static_cast<std::size_t>(i)] *= factor;
  return series;
}

std::vector<Anomaly> found_around(const CostSeries& series) {
  auto found = find_anomalies(series, {}, {day_of(series, kAt - 20), day_of(series, 300)},
                              thresholds_of(Sensitivity::medium, 30));
  return found;
}

TEST(MoveSpans, what_has_returned_to_what_was_is_over_and_its_way_back_is_no_saving) {
  for (const double factor : {1.5, 0.5}) {
    for (const int days : {9, 12, 14, 21, 28}) {
      const CostSeries series = raised(3, factor, days);
      const auto found = found_around(series);
      ASSERT_EQ(found.size(), 1u) << factor << " " << days;
      EXPECT_EQ(found[0].kind, AnomalyKind::level_shift);
      EXPECT_NEAR(static_cast<double>((found[0].start - day_of(series, kAt)).count()), 0, 1);
      EXPECT_NEAR(static_cast<double>((found[0].end - day_of(series, kAt + days)).count()), 0, 1) << days;
      const CostSeries usual = example_series(3);
      double more = 0;
      for (std::size_t i = kAt; i < static_cast<std::size_t>(kAt + days); ++i) more += series.cost[i] - usual.cost[i];
      EXPECT_NEAR(found[0].impact() / more, 1, 0.15) << factor << " " << days;
    }
  }
}

TEST(MoveSpans, what_is_over_within_a_week_is_a_spike_or_a_dip) {
  for (const double factor : {3.0, 1.6, 0.4}) {
    for (const int days : {3, 4, 5, 7}) {
      const CostSeries series = raised(5, factor, days);
      const auto found = found_around(series);
      ASSERT_EQ(found.size(), 1u) << factor << " " << days;
      EXPECT_EQ(found[0].kind, factor > 1 ? AnomalyKind::spike : AnomalyKind::dip) << factor << " " << days;
      EXPECT_EQ(found[0].start, day_of(series, kAt)) << factor << " " << days;
      EXPECT_EQ(found[0].end, day_of(series, kAt + days)) << factor << " " << days;
    }
  }
}

TEST(MoveSpans, a_slow_climb_is_one_drift_and_two_steps_are_two) {
  constexpr int kSeries = 20;
  int one_drift = 0;
  int two_steps = 0;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    CostSeries climbing = example_series(seed, {.growth_per_month = 0});
    CostSeries stepping = climbing;
    for (int i = kAt; i < static_cast<int>(climbing.cost.size()); ++i) {
      climbing.cost[static_cast<std::size_t>(i)] *= 1 + 0.012 * std::min(i - kAt, 40);
      stepping.cost[static_cast<std::size_t>(i)] *= i < kAt + 25 ? 1.25 : 1.5;
    }
    const auto climbs = found_around(climbing);
    one_drift += climbs.size() == 1 && climbs[0].kind == AnomalyKind::drift &&
                 std::chrono::abs(climbs[0].start - day_of(climbing, kAt)) <= std::chrono::days(6);
    const auto steps = found_around(stepping);
    two_steps += steps.size() == 2 && steps[0].kind == AnomalyKind::level_shift && steps[1].kind == steps[0].kind;
  }
  EXPECT_GE(one_drift, 0.5 * kSeries) << one_drift;
  EXPECT_GE(two_steps, 0.75 * kSeries) << two_steps;
}

TEST(MoveSpans, what_returns_after_a_season_is_told_both_times) {
  const CostSeries series = raised(4, 1.5, 80);
  const auto found = found_around(series);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_GT(found[0].impact(), 0);
  EXPECT_EQ(found[0].end - found[0].start, std::chrono::days(kLongestReport));
  EXPECT_LT(found[1].impact(), 0);
}

TEST(MoveSpans, a_fall_that_goes_below_what_was_is_told) {
  CostSeries series = raised(6, 1.5, 20);
  for (std::size_t i = kAt + 20; i < series.cost.size(); ++i) series.cost[i] *= 0.6;
  const auto found = found_around(series);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_LT(found[1].impact(), 0);
}

}  // namespace
}  // namespace costagent
