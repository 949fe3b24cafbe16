#include "costagent/analyze/anomalies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

// A customer of twenty slices, of which these tests look at one.
constexpr std::size_t kSlices = 20;
const Thresholds kLow = thresholds_of(Sensitivity::low, kSlices);
const Thresholds kMedium = thresholds_of(Sensitivity::medium, kSlices);
const Thresholds kHigh = thresholds_of(Sensitivity::high, kSlices);

Period whole(const CostSeries& series) { return {series.first, series.first + std::chrono::days(series.cost.size())}; }

std::vector<Anomaly> find(const CostSeries& series, const Thresholds& thresholds = kMedium) {
  return find_anomalies(series, {}, whole(series), thresholds);
}

std::size_t count_false(const ExampleShape& shape, const Thresholds& thresholds) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) found += find(example_series(seed, shape), thresholds).size();
  return found;
}

base::Day day_of(const CostSeries& series, int i) { return series.first + std::chrono::days(i); }

// 40 clean years: a twentieth of 0.2, 1 and 4 a year each.
TEST(Anomalies, clean_noise_gives_as_many_false_alarms_as_are_stated) {
  EXPECT_LE(count_false({}, kLow), 3u);
  EXPECT_LE(count_false({}, kMedium), 7u);
  EXPECT_LE(count_false({}, kHigh), 18u);
}

TEST(Anomalies, a_score_is_the_chance_that_a_clean_year_has_nothing_as_wild) {
  for (const std::size_t slices : {1u, 30u, 5000u}) {
    const Thresholds thresholds = thresholds_of(Sensitivity::medium, slices);
    EXPECT_NEAR(score_of(AnomalyKind::spike, thresholds.day, slices), std::exp(-1), 1e-9);
    EXPECT_NEAR(score_of(AnomalyKind::level_shift, thresholds.step, slices), std::exp(-1), 1e-9);
    EXPECT_NEAR(score_of(AnomalyKind::drift, thresholds.drift, slices), std::exp(-1), 1e-9);
    EXPECT_GT(score_of(AnomalyKind::dip, thresholds.day + 3, slices), 0.999);
    EXPECT_LT(score_of(AnomalyKind::dip, thresholds.day - 1, slices), 0.1);
  }
}

TEST(Anomalies, more_slices_raise_the_thresholds) {
  const Thresholds one = thresholds_of(Sensitivity::medium, 1);
  const Thresholds many = thresholds_of(Sensitivity::medium, 10000);
  EXPECT_GT(many.day, one.day + 1);
  EXPECT_GT(many.step, one.step + 1);
  EXPECT_GT(many.drift, one.drift + 1);
  EXPECT_LT(many.day, 8);
  EXPECT_LT(thresholds_of(Sensitivity::high, 100).day, thresholds_of(Sensitivity::low, 100).day);
}

TEST(Anomalies, growth_of_a_tenth_a_month_is_no_anomaly) {
  EXPECT_LE(count_false({.growth_per_month = 0.1}, kMedium), 10u);
}

TEST(Anomalies, month_end_charges_are_expected) {
  for (const double charge : {0.3, 1.0, 3.0}) EXPECT_LE(count_false({.month_end = charge}, kMedium), 10u) << charge;
}

TEST(Anomalies, a_month_end_charge_of_three_times_its_usual_size_is_a_spike) {
  CostSeries series = example_series(3, {.month_end = 1.0});
  series.cost[212] += 2000;  // 2024-07-31
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::spike);
  EXPECT_EQ(found[0].start, day_of(series, 212));
}

TEST(Anomalies, planted_spikes_are_found_with_their_impact) {
  int found_planted = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CostSeries series = example_series(seed);
    const int at = 40 + static_cast<int>(seed) * 7;
    const double added = 0.3 * series.cost[static_cast<std::size_t>(at)];
    series.cost[static_cast<std::size_t>(at)] += added;
    for (const Anomaly& anomaly : find(series)) {
      if (anomaly.kind != AnomalyKind::spike || anomaly.start != day_of(series, at)) continue;
      ++found_planted;
      EXPECT_NEAR(anomaly.impact(), added, 0.5 * added);
      EXPECT_EQ(anomaly.end, anomaly.start + std::chrono::days(1));
    }
  }
  EXPECT_GE(found_planted, 38);
}

TEST(Anomalies, a_dip_of_several_days_is_one_anomaly) {
  CostSeries series = example_series(5);
  for (std::size_t i = 100; i < 103; ++i) series.cost[i] *= 0.5;
  const auto found = find(series, kLow);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::dip);
  EXPECT_EQ(found[0].start, day_of(series, 100));
  EXPECT_EQ(found[0].end, day_of(series, 103));
  EXPECT_LT(found[0].impact(), 0);
}

TEST(Anomalies, planted_level_shifts_are_found_within_two_days) {
  int found_planted = 0;
  std::size_t others = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CostSeries series = example_series(seed, {.growth_per_month = 0});
    const double factor = seed % 2 == 0 ? 1.25 : 0.75;
    const int at = 60 + static_cast<int>(seed) * 6;
    for (std::size_t i = static_cast<std::size_t>(at); i < series.cost.size(); ++i) series.cost[i] *= factor;
    for (const Anomaly& anomaly : find(series)) {
      const auto off = std::abs((anomaly.start - day_of(series, at)).count());
      if (anomaly.kind == AnomalyKind::level_shift && off <= 2 && (anomaly.impact() > 0) == (factor > 1)) {
        ++found_planted;
        EXPECT_NEAR(anomaly.impact() / anomaly.expected_cost, factor - 1, 0.08);
      } else {
        ++others;
      }
    }
  }
  EXPECT_GE(found_planted, 38);
  EXPECT_LE(others, 6u);
}

// A deviation of this series is 30; weekends cost as much as other days.
TEST(Anomalies, drifts_of_two_thirds_of_a_deviation_a_day_are_told_as_such_within_five_days) {
  int told = 0;
  int named = 0;
  int in_time = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CostSeries series = example_series(seed, {.weekend = 1, .growth_per_month = 0});
    const int at = 80 + static_cast<int>(seed) * 6;
    for (int i = at; i < at + 14; ++i) series.cost[static_cast<std::size_t>(i)] += 20 * (i - at + 1);
    for (const Anomaly& anomaly : find(series)) {
      if (std::abs((anomaly.start - day_of(series, at)).count()) > 5 || anomaly.impact() < 0) continue;
      ++told;
      named += anomaly.kind == AnomalyKind::drift;
    }
    // A bill that ends on the sixth day.
    series.cost.resize(static_cast<std::size_t>(at + 6));
    in_time += find(series, kHigh).empty() ? 0 : 1;
  }
  EXPECT_GE(told, 38);
  EXPECT_GE(named, 34);
  EXPECT_GE(in_time, 30);
}

TEST(Anomalies, shifts_are_not_told_as_drifts) {
  int drifts = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CostSeries series = example_series(seed, {.growth_per_month = 0});
    for (std::size_t i = 150; i < series.cost.size(); ++i) series.cost[i] *= 1.3;
    for (const Anomaly& anomaly : find(series)) drifts += anomaly.kind == AnomalyKind::drift;
  }
  EXPECT_LE(drifts, 1);
}

TEST(Anomalies, two_wild_days_are_no_drift) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CostSeries series = example_series(seed);
    series.cost[150] *= 1.5;
    series.cost[151] *= 1.6;
    for (const Anomaly& anomaly : find(series)) {
      if (anomaly.impact() > 0 && anomaly.start > day_of(series, 140) && anomaly.start < day_of(series, 160)) {
        EXPECT_EQ(anomaly.kind, AnomalyKind::spike) << seed;
        EXPECT_EQ(anomaly.start, day_of(series, 150)) << seed;
      }
    }
  }
}

// Of 2024, from a calendar on the wall.
constexpr int kFirstBusinessDays[] = {1, 1, 1, 1, 1, 3, 1, 1, 2, 1, 1, 2};
constexpr int kLastBusinessDays[] = {31, 29, 29, 30, 31, 28, 31, 30, 30, 31, 29, 31};

bool is_due(const CostSeries& series, std::size_t i, const int (&days)[12]) {
  const std::chrono::year_month_day date(series.first + std::chrono::days(i));
  return static_cast<int>(static_cast<unsigned>(date.day())) == days[static_cast<unsigned>(date.month()) - 1];
}

TEST(Anomalies, charges_of_the_first_and_the_last_business_day_are_expected) {
  for (const bool first : {true, false}) {
    std::size_t found = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      CostSeries series = example_series(seed);
      for (std::size_t i = 0; i < series.cost.size(); ++i) {
        if (is_due(series, i, first ? kFirstBusinessDays : kLastBusinessDays)) series.cost[i] += 800;
      }
      found += find(series).size();
    }
    EXPECT_LE(found, 7u) << (first ? "first" : "last");
  }
}

TEST(Anomalies, charges_of_the_last_day_and_the_last_business_day_are_told_apart) {
  CostSeries series = example_series(4, {.month_end = 1});
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    if (is_due(series, i, kLastBusinessDays)) series.cost[i] += 900;
  }
  EXPECT_TRUE(find(series).empty());
}

TEST(Anomalies, missing_days_are_named_and_a_bill_that_is_late_by_a_day_is_not) {
  CostSeries series = example_series(6);
  series.cost[200] = kNoCharge;
  series.cost[364] = kNoCharge;
  EXPECT_EQ(find(series).size(), 1u);
  series.cost[363] = kNoCharge;
  const auto found = find(series);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].kind, AnomalyKind::missing_data);
  EXPECT_EQ(found[1].start, day_of(series, 363));
  EXPECT_EQ(found[1].end, day_of(series, 365));
  EXPECT_EQ(found[0].kind, AnomalyKind::missing_data);
  EXPECT_EQ(found[0].start, day_of(series, 200));
  EXPECT_EQ(found[0].actual_cost, 0);
  EXPECT_GT(found[0].expected_cost, 500);
}

TEST(Anomalies, a_slice_that_stops_for_good_has_vanished_and_a_week_is_needed_to_know) {
  CostSeries series = example_series(7);
  std::fill(series.cost.begin() + 300, series.cost.end(), kNoCharge);
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::vanished_service);
  EXPECT_EQ(found[0].start, day_of(series, 300));
  EXPECT_NEAR(found[0].impact(), -found[0].expected_cost, 1e-6);
  series.cost.resize(306);
  const auto late = find(series);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].kind, AnomalyKind::missing_data) << "six days may be a bill that is late";
  EXPECT_EQ(late[0].start, day_of(series, 300));
}

TEST(Anomalies, too_little_on_the_last_days_is_a_bill_that_is_late_and_no_saving) {
  CostSeries series = example_series(7);
  for (const int days : {1, 3, 5}) {
    CostSeries late = series;
    for (std::size_t i = late.cost.size() - static_cast<std::size_t>(days); i < late.cost.size(); ++i)
      late.cost[i] *= 0.3;
    const auto found = find(late);
    ASSERT_EQ(found.size(), 1u) << days;
    EXPECT_EQ(found[0].kind == AnomalyKind::missing_data, days <= 3) << days;
    EXPECT_EQ(found[0].end, day_of(late, 365));
    // A day later it is known to be less.
    late.cost.push_back(series.cost[358]);
    EXPECT_NE(find(late).at(0).kind, AnomalyKind::missing_data) << days;
  }
  series.cost.back() *= 3;
  EXPECT_EQ(find(series).at(0).kind, AnomalyKind::spike);
}

TEST(Anomalies, deviations_are_those_of_the_slice_itself_and_the_score_knows_how_wild_it_is) {
  CostSeries calm = example_series(7);
  CostSeries wild = calm;
  for (std::size_t i = 5; i < wild.cost.size(); i += 30) wild.cost[i] *= i % 2 == 0 ? 1.1 : 0.9;
  calm.cost[200] *= 2;
  wild.cost[200] *= 2;
  const auto of_calm = find(calm, kHigh);
  const auto of_wild = find(wild, kHigh);
  ASSERT_EQ(of_calm.size(), 1u);
  ASSERT_FALSE(of_wild.empty());
  EXPECT_GT(of_wild[0].deviations, 20) << "of its own scatter";
  EXPECT_LT(of_wild[0].score, of_calm[0].score);
}

TEST(Anomalies, only_what_begins_in_the_reported_period_is_returned) {
  CostSeries series = example_series(8);
  series.cost[100] *= 3;
  series.cost[200] *= 3;
  const auto found = find_anomalies(series, {}, {day_of(series, 150), day_of(series, 250)}, kMedium);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].start, day_of(series, 200));
}

TEST(Anomalies, scaling_costs_scales_money_and_leaves_scores) {
  CostSeries series = example_series(9, {.month_end = 0.5});
  series.cost[80] *= 2;
  series.cost[150] = kNoCharge;
  for (std::size_t i = 250; i < series.cost.size(); ++i) series.cost[i] *= 1.6;
  const auto once = find(series, kHigh);
  ASSERT_GE(once.size(), 3u);
  for (const double factor : {1e-6, 0.37, 1e6}) {
    CostSeries scaled = series;
    for (double& cost : scaled.cost) cost *= factor;
    const auto again = find(scaled, kHigh);
    ASSERT_EQ(again.size(), once.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(again[i].kind, once[i].kind);
      EXPECT_EQ(again[i].start, once[i].start);
      EXPECT_NEAR(again[i].deviations, once[i].deviations, 1e-6 * once[i].deviations);
      EXPECT_NEAR(again[i].score, once[i].score, 1e-6);
      EXPECT_NEAR(again[i].actual_cost, factor * once[i].actual_cost, 1e-9 * factor * once[i].expected_cost);
    }
  }
}

TEST(Anomalies, constant_single_empty_and_wild_series_invent_nothing) {
  CostSeries series{{}, "USD", base::Day{}, {}};
  EXPECT_TRUE(find(series, kHigh).empty());
  series.cost = {5.0};
  EXPECT_TRUE(find(series, kHigh).empty());
  for (const double value : {0.0, 7.0, -7.0, 1e308, -1e308, static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    series.cost.assign(120, value);
    EXPECT_TRUE(find(series, kHigh).empty()) << value;
  }
  series.cost.assign(27, 1.0);
  series.cost[13] = 100;
  EXPECT_TRUE(find(series, kHigh).empty()) << "too short to know what is usual";
}

TEST(Anomalies, reported_numbers_are_finite_whatever_the_series) {
  const double wild[] = {0, -1, 1e-300, 1e17, -1e17, NAN, INFINITY, -INFINITY, 3.5};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed);
    CostSeries series{{}, "USD", base::Day{}, {}};
    const std::uint64_t days = random.below(90);
    for (std::uint64_t i = 0; i < days; ++i) series.cost.push_back(wild[random.below(1 + seed % std::size(wild))]);
    for (const Anomaly& anomaly : find(series, kHigh)) {
      EXPECT_TRUE(std::isfinite(anomaly.deviations) && std::isfinite(anomaly.impact())) << seed;
      EXPECT_LT(anomaly.start, anomaly.end);
      EXPECT_LE(anomaly.end, whole(series).to);
    }
  }
}

TEST(Anomalies, credits_have_a_usual_size_as_well) {
  CostSeries series = example_series(10, {.level = -100});
  series.cost[90] *= 4;
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::dip);
}

TEST(Anomalies, an_irregular_service_has_no_usual_day) {
  CostSeries series = example_series(11);
  for (std::size_t i = 0; i < series.cost.size(); ++i) {
    if (i % 2 == 0) series.cost[i] = kNoCharge;
  }
  EXPECT_TRUE(find(series, kHigh).empty());
}

TEST(Anomalies, what_is_charged_once_a_month_is_no_new_service) {
  CostSeries total = example_series(14);
  CostSeries support{{"Support"}, "USD", total.first, std::vector<double>(365, kNoCharge)};
  for (std::size_t i = 59; i < 365; i += 30) support.cost[i] = 400;
  EXPECT_FALSE(find_new_service(support, total, {Dimension::service}, whole(total), kHigh));
}

TEST(Anomalies, a_weekly_cycle_that_changes_within_the_year_is_followed) {
  CostSeries series = example_series(15, {.growth_per_month = 0});
  // From April on a second workload, which knows no weekend.
  for (std::size_t i = 91; i < series.cost.size(); ++i) series.cost[i] += 1500;
  const auto found = find(series);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, AnomalyKind::level_shift);
  EXPECT_EQ(found[0].start, day_of(series, 91));
}

TEST(Anomalies, a_new_service_is_reported_by_its_share_of_the_total) {
  CostSeries total = example_series(12);
  CostSeries service{{"Lambda"}, "USD", total.first, std::vector<double>(365, kNoCharge)};
  for (std::size_t i = 200; i < 365; ++i) total.cost[i] += service.cost[i] = 50;
  const auto found = find_new_service(service, total, {Dimension::service}, whole(total), kMedium);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->start, day_of(total, 200));
  EXPECT_EQ(found->expected_cost, 0);
  EXPECT_DOUBLE_EQ(found->actual_cost, 1500);
  EXPECT_THAT(found->slice, testing::ElementsAre("Lambda"));
  EXPECT_FALSE(find_new_service(service, total, {Dimension::service}, whole(total), kLow)) << "4 % of the total";
  EXPECT_FALSE(find_new_service(total, total, {Dimension::service}, whole(total), kHigh)) << "as old as the bill";
}

}  // namespace
}  // namespace costagent
