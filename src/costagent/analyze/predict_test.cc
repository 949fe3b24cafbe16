#include "costagent/analyze/predict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

using std::chrono::days;

constexpr Timeline kDaily{base::Day(days(19'723)), days(1)};  // from Monday, 2024-01-01

std::vector<double> example(std::uint64_t seed, const ExampleShape& shape = {}) {
  return example_series(seed, shape).cost;
}

double mean_error(const Predicted& predicted, std::span<const double> truth) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) sum += std::abs(predicted.values[i].value - truth[i]);
  return sum / static_cast<double>(truth.size());
}

void expect_sane(const Predicted& predicted, std::size_t steps) {
  ASSERT_EQ(predicted.values.size(), steps);
  for (const auto& [value, bounds] : predicted.values) {
    EXPECT_TRUE(std::isfinite(value) && std::isfinite(bounds.low_95) && std::isfinite(bounds.high_95));
    EXPECT_LE(bounds.low_95, bounds.low_80);
    EXPECT_LE(bounds.low_80, value);
    EXPECT_LE(value, bounds.high_80);
    EXPECT_LE(bounds.high_80, bounds.high_95);
  }
}

TEST(Predict, is_nearer_than_the_last_week_and_as_sure_as_it_says) {
  int better = 0;
  double inside_80 = 0;
  double inside_95 = 0;
  constexpr int kSeries = 60;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    const auto all = example(seed, {.days = 330, .month_end = 0.5});
    const auto past = std::span(all).first(300);
    const auto predicted = predict(kDaily, past, 30);
    double naive = 0;
    for (std::size_t h = 0; h < 30; ++h) {
      const auto& [value, bounds] = predicted->values[h];
      naive += std::abs(all[300 + h] - all[293 + h % 7]) / 30;
      inside_80 += (bounds.low_80 <= all[300 + h] && all[300 + h] <= bounds.high_80) / (30.0 * kSeries);
      inside_95 += (bounds.low_95 <= all[300 + h] && all[300 + h] <= bounds.high_95) / (30.0 * kSeries);
    }
    better += mean_error(*predicted, std::span(all).subspan(300)) < naive;
  }
  EXPECT_GE(better, kSeries * 9 / 10);
  EXPECT_NEAR(inside_80, 0.80, 0.05);
  EXPECT_NEAR(inside_95, 0.95, 0.03);
}

TEST(Predict, knows_what_comes_round_each_week_and_month) {
  const auto all = example(3, {.days = 330, .noise = 0.01, .growth_per_month = 0, .month_end = 1});
  const auto predicted = predict(kDaily, std::span(all).first(300), 30);
  // Day 300 is Sunday, 2024-10-27; the month ends on the 31st.
  EXPECT_NEAR(predicted->values[0].value, 700, 20);
  EXPECT_NEAR(predicted->values[1].value, 1000, 20);
  EXPECT_NEAR(predicted->values[4].value, 2000, 120);
  EXPECT_GT(predicted->values[4].bounds.high_80 - predicted->values[4].bounds.low_80,
            predicted->values[2].bounds.high_80 - predicted->values[2].bounds.low_80)
      << "a month's end is less sure than other days";
}

TEST(Predict, tells_a_weekend_from_the_first_nine_days) {
  const auto all = example(4, {.days = 40, .noise = 0.01, .weekend = 0.3, .growth_per_month = 0});
  const auto predicted = predict(kDaily, std::span(all).first(9), 14);
  expect_sane(*predicted, 14);
  EXPECT_NEAR(predicted->values[0].value, 1000, 60);
  EXPECT_NEAR(predicted->values[4].value, 300, 60);
}

TEST(Predict, follows_a_shift_of_the_last_week_and_not_a_spike) {
  auto shifted = example(5, {.days = 300, .growth_per_month = 0});
  auto spiked = shifted;
  for (std::size_t i = 295; i < 300; ++i) shifted[i] *= 1.6;
  spiked[297] *= 10;
  EXPECT_NEAR(predict(kDaily, shifted, 30)->values[10].value /
                  predict(kDaily, example(5, {.days = 295, .growth_per_month = 0}), 30)->values[15].value,
              1.6, 0.1);
  EXPECT_NEAR(predict(kDaily, spiked, 30)->values[10].value, 1000, 50);
}

TEST(Predict, of_growth_goes_on_growing) {
  const auto all = example(6, {.days = 330, .growth_per_month = 0.15});
  const auto predicted = predict(kDaily, std::span(all).first(300), 30);
  EXPECT_LT(mean_error(*predicted, std::span(all).subspan(300)), 0.05 * all[300]);
}

// What a series is without its noise, by day.
struct Course {
  const char* name;
  std::size_t days;
  double (*level)(double day);
  double noise;
  bool relative;        // the noise
  double times_as_far;  // as who knows its course, which is the noise's doing; at most
};

// The weekends of a year that begins on a Monday.
double of_week(double day) { return std::fmod(day, 7) >= 5 ? 0.7 : 1; }

constexpr std::array kCourses = {
    Course{"a line", 200, [](double day) { return 100 + 2 * day; }, 1, false, 1.15},
    Course{"a line of two months", 60, [](double day) { return 100 + 2 * day; }, 1, false, 1.3},
    Course{"a line of a month", 30, [](double day) { return 100 + 2 * day; }, 0.3, false, 20},
    Course{"a line down", 200, [](double day) { return 100 - 0.3 * day; }, 1, false, 1.15},
    Course{"growth", 200, [](double day) { return 100 * std::pow(1.01, day); }, 0.01, true, 1.25},
    Course{"growth of two months", 60, [](double day) { return 100 * std::pow(1.01, day); }, 0.01, true, 2},
    Course{"a line with its week", 200, [](double day) { return (100 + 2 * day) * of_week(day); }, 0.01, true, 1.3},
    Course{"a step", 200, [](double day) { return day < 160 ? 100.0 : 160.0; }, 1, false, 1.2},
    Course{"saturation", 200, [](double day) { return 400 - 300 * std::exp(-day / 60); }, 1, false, 1.5},
};

TEST(Predict, goes_on_as_a_plain_course_does_and_lies_within_its_own_bounds) {
  constexpr int kSeries = 20;
  for (const Course& course : kCourses) {
    double error = 0;
    double chance = 0;
    double inside = 0;
    for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
      base::Random random(seed);
      std::vector<double> all;
      std::vector<double> level;
      for (std::size_t i = 0; i < course.days + 30; ++i) {
        level.push_back(course.level(static_cast<double>(i)));
        all.push_back(level.back() + course.noise * random.normal() * (course.relative ? level.back() : 1));
      }
      const auto predicted = predict(kDaily, std::span(all).first(course.days), 30);
      for (std::size_t h = 0; h < 30; ++h) {
        const auto& [value, bounds] = predicted->values[h];
        const double truth = all[course.days + h];
        error += std::abs(value - truth);
        chance += std::abs(level[course.days + h] - truth);
        inside += (bounds.low_80 <= truth && truth <= bounds.high_80) / (30.0 * kSeries);
        EXPECT_LT(bounds.low_80, value) << course.name;
        EXPECT_LT(value, bounds.high_80) << course.name;
      }
    }
    EXPECT_LT(error, course.times_as_far * chance) << course.name << ": " << error / chance;
    EXPECT_GT(inside, 0.65) << course.name;
    EXPECT_LT(inside, 0.97) << course.name;
  }
}

TEST(Predict, scales_with_the_values) {
  for (const double factor : {0.25, 1024.0, 1e-6, 7.3}) {
    auto values = example(7, {.days = 200, .month_end = 0.5});
    const auto before = predict(kDaily, values, 30);
    for (double& value : values) value *= factor;
    const auto after = predict(kDaily, values, 30);
    for (std::size_t i = 0; i < 30; ++i) {
      EXPECT_NEAR(after->values[i].value, factor * before->values[i].value, 1e-9 * factor * 1000);
      EXPECT_NEAR(after->values[i].bounds.high_95, factor * before->values[i].bounds.high_95, 1e-9 * factor * 1000);
    }
    EXPECT_NEAR(after->sums.around_sum(30).high_80, factor * before->sums.around_sum(30).high_80, 1e-8 * factor * 1000);
  }
}

TEST(Predict, of_odd_series_is_sane) {
  base::Random random(8);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> oddities = {0, -5, 1e300, -1e300, kNone, HUGE_VAL, 1e-300, 1e17, 3};
  for (int round = 0; round < 400; ++round) {
    std::vector<double> values;
    const auto length = 1 + random.below(90);
    const double usual = oddities[random.below(oddities.size())];
    const double odd = 0.3 * random.uniform();
    while (values.size() < length) {
      values.push_back(random.chance(odd) ? oddities[random.below(oddities.size())] : usual);
      if (random.chance(0.3)) values.back() += random.normal();
    }
    const std::size_t steps = 1 + random.below(60);
    SCOPED_TRACE(round);
    if (const auto predicted = predict(kDaily, values, steps)) expect_sane(*predicted, steps);
  }
}

TEST(Predict, of_one_value_is_that_value_widely_and_of_none_nothing) {
  const auto one = predict(kDaily, std::vector{12.0}, 5);
  expect_sane(*one, 5);
  EXPECT_DOUBLE_EQ(one->values[0].value, 12);
  EXPECT_GT(one->values[0].bounds.high_80, 13);
  EXPECT_FALSE(predict(kDaily, std::vector<double>{}, 5));
  EXPECT_FALSE(predict(kDaily, std::vector<double>{NAN, INFINITY, 1e19}, 5));
}

TEST(Predict, of_what_never_changes_is_sure_of_it) {
  for (const double value : {0.0, 42.0, -3.0}) {
    const auto predicted = predict(kDaily, std::vector<double>(100, value), 30);
    expect_sane(*predicted, 30);
    EXPECT_NEAR(predicted->values[29].value, value, 1e-9);
    EXPECT_NEAR(predicted->values[29].bounds.high_95, value, 1e-9);
  }
}

TEST(Predict, of_a_service_that_seldom_costs_is_its_mean_with_bounds_that_hold) {
  base::Random random(9);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(random.chance(0.3) ? 100 * random.exponential() : 0);
  const auto predicted = predict(kDaily, std::span(values).first(370), 30);
  EXPECT_NEAR(predicted->values[20].value, 30, 20);
  EXPECT_EQ(predicted->values[20].bounds.low_95, 0);
  EXPECT_GT(predicted->values[20].bounds.high_95, 120);
}

TEST(Predict, passes_over_gaps_and_the_29th_of_february) {
  auto all = example(10, {.days = 100, .growth_per_month = 0});
  const auto whole = predict(kDaily, all, 7);
  for (std::size_t i = 4; i < 100; i += 6) all[i] = NAN;
  all.insert(all.end(), 3, NAN);  // beyond the last value: they are what is asked for
  const auto gappy = predict(kDaily, all, 7);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(gappy->values[i].value, whole->values[i].value, 60);
}

TEST(Predict, learns_the_cycle_of_a_day_at_any_step) {
  for (const int minutes : {5, 60, 360}) {
    const Timeline timeline{kDaily.first, std::chrono::minutes(minutes)};
    const std::size_t day = 1440 / static_cast<std::size_t>(minutes);
    base::Random random(11);
    std::vector<double> values;
    for (std::size_t i = 0; i < 9 * day; ++i)
      values.push_back(100 + 40 * std::sin(2 * M_PI * static_cast<double>(i % day) / static_cast<double>(day)) +
                       2 * random.normal());
    const auto predicted = predict(timeline, values, day);
    EXPECT_NEAR(predicted->values[day / 4].value, 140, 8) << minutes;
    EXPECT_NEAR(predicted->values[3 * day / 4].value, 60, 8) << minutes;
    expect_sane(*predict(timeline, values, 1000), 1000);
  }
}

TEST(Predict, sums_of_more_days_are_less_sure) {
  const SumErrors sums = predict(kDaily, example(12), 30)->sums;
  ASSERT_EQ(sums.steps(), 30u);
  EXPECT_LT(sums.around_sum(1).high_80, sums.around_sum(30).high_80);
  EXPECT_NEAR(sums.chance_above(30, 0), 0.5, 1e-9) << "what is predicted is their middle";
}

}  // namespace
}  // namespace costagent
