#include "costagent/analyze/stream_detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace costagent {
namespace {

constexpr std::chrono::seconds kFiveMinutes{300};
constexpr int kDay = 288;

std::vector<double> scores(const std::vector<double>& values, std::chrono::seconds step = kFiveMinutes) {
  StreamDetector detector;
  std::vector<double> result;
  base::Seconds time{std::chrono::hours(400'000)};
  for (const double value : values) {
    result.push_back(detector.score(time, value));
    time += step;
  }
  return result;
}

std::vector<int> alerts(const std::vector<double>& values, std::chrono::seconds step = kFiveMinutes) {
  std::vector<int> result;
  const auto all = scores(values, step);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] >= StreamDetector::kAlert) result.push_back(static_cast<int>(i));
  }
  return result;
}

// The first days teach what a day is.
constexpr int kLearning = 3 * kDay;

// Two weeks of a day that is busy from 9 to 18, with noise.
std::vector<double> office(std::uint64_t seed, int days = 14) {
  base::Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < days * kDay; ++i) {
    const int hour = i % kDay / 12;
    values.push_back((hour >= 9 && hour < 18 ? 80 : 20) + 2 * random.normal());
  }
  return values;
}

bool alert_between(const std::vector<double>& values, int from, int to) {
  const auto found = alerts(values);
  return std::any_of(found.begin(), found.end(), [&](int at) { return at >= from && at < to; });
}

void expect_alert_only_with(const std::vector<double>& anomaly, int from, int to) {
  EXPECT_FALSE(alert_between(office(31), from, to));
  EXPECT_TRUE(alert_between(anomaly, from, to));
}

TEST(StreamDetector, ordinary_days_raise_next_to_no_alert) {
  std::ptrdiff_t raised = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto found = alerts(office(seed));
    raised += std::count_if(found.begin(), found.end(), [](int at) { return at >= kLearning; });
  }
  EXPECT_LE(raised, 20) << "one in eleven days at the most";
}

TEST(StreamDetector, a_spike_a_step_a_silent_and_a_missing_busy_day_are_news) {
  const int at = 10 * kDay + 3 * 12;
  auto spike = office(31);
  spike[at] = 160;
  expect_alert_only_with(spike, at, at + 1);
  auto step = office(31);
  for (std::size_t i = at; i < step.size(); ++i) step[i] += 100;
  expect_alert_only_with(step, at, at + 12);
  auto silent = office(31);
  for (int i = at; i < at + kDay / 4; ++i) silent[static_cast<std::size_t>(i)] = 20;
  expect_alert_only_with(silent, at, at + kDay / 4);
  auto missing = office(31);
  for (int i = 10 * kDay; i < 11 * kDay; ++i)
    missing[static_cast<std::size_t>(i)] = 20 + spike[static_cast<std::size_t>(i % 96)] / 50;
  expect_alert_only_with(missing, 10 * kDay + 8 * 12, 10 * kDay + 18 * 12);
}

TEST(StreamDetector, an_incident_is_told_once) {
  base::Random random(5);
  std::vector<double> values;
  for (int i = 0; i < 3000; ++i)
    values.push_back(random.normal() + (i >= 2000 && i < 2100 ? 60 + 0.01 * random.normal() : 0));
  EXPECT_LE(alerts(values).size(), 3u);
  EXPECT_GE(alerts(values).size(), 1u);
}

// A quiet cycle of a day with noise of sigma 3.
std::vector<double> quiet(std::uint64_t seed, int days = 14) {
  base::Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < days * kDay; ++i)
    values.push_back(100 + 30 * std::sin(i * 6.2831853 / kDay) + 3 * random.normal());
  return values;
}

std::vector<int> alerts_from(const std::vector<double>& values, int from) {
  auto found = alerts(values);
  found.erase(found.begin(), std::lower_bound(found.begin(), found.end(), from));
  return found;
}

TEST(StreamDetector, a_shift_is_told_at_its_first_value_even_after_an_earlier_spike_and_not_again_while_it_lasts) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto values = quiet(seed);
    const int at = 10 * kDay + 240;
    values[6 * kDay] += 120;
    for (std::size_t i = at; i < values.size(); ++i) values[i] += 40;
    const auto found = alerts_from(values, at);
    ASSERT_FALSE(found.empty()) << seed;
    EXPECT_EQ(found.front(), at) << seed;
    EXPECT_TRUE(found.size() == 1 || found[1] >= at + kDay) << seed << ": again at " << found[1] - at;
  }
}

TEST(StreamDetector, a_single_spike_or_dip_is_told_and_the_ordinary_value_after_it_is_not) {
  for (const double size : {-60.0, 60.0}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      auto values = quiet(seed);
      const int at = 10 * kDay + 30;
      values[at] += size;
      EXPECT_EQ(alerts_from(values, at).at(0), at) << seed;
      EXPECT_LT(scores(values)[at + 1], 0.25) << seed << ' ' << size;
    }
  }
}

TEST(StreamDetector, a_constant_that_changes_for_good_is_told_once) {
  std::vector<double> values(4000, 5.0);
  std::fill(values.begin() + 2000, values.end(), 50.0);
  EXPECT_EQ(alerts(values), std::vector<int>{2000});
}

TEST(StreamDetector, what_comes_later_changes_no_score) {
  auto values = office(7);
  const auto before = scores(values);
  for (std::size_t i = 2000; i < values.size(); ++i) values[i] = -5 * values[i];
  const auto after = scores(values);
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + 2000, after.begin()));
}

TEST(StreamDetector, a_factor_changes_no_score) {
  auto values = office(8);
  const auto before = scores(values);
  for (double& value : values) value *= 1e6;
  const auto after = scores(values);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(before[i], after[i], 1e-6) << i;
}

TEST(StreamDetector, constant_and_perfectly_periodic_series_are_no_news) {
  EXPECT_TRUE(alerts(std::vector<double>(3000, 45.0)).empty());
  EXPECT_TRUE(alerts(std::vector<double>(3000, 0.0)).empty());
  std::vector<double> square;
  for (int i = 0; i < 14 * kDay; ++i) square.push_back(i % kDay < 100 ? 80 : 20);
  const auto found = alerts(square);
  EXPECT_TRUE(found.empty() || found.back() < 4 * kDay);
}

TEST(StreamDetector, wild_values_give_scores_from_0_to_1) {
  const double wild[] = {
      0,  -1, 1e-310, 1e308, -1e308, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
      3.5};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    base::Random random(seed);
    StreamDetector detector;
    base::Seconds time{};
    for (int i = 0; i < 1500; ++i) {
      time += std::chrono::seconds(static_cast<std::int64_t>(random.below(9000)) - 2000);
      const double score = detector.score(time, wild[random.below(1 + seed % std::size(wild))]);
      ASSERT_TRUE(score >= 0 && score < 1) << seed << ' ' << i;
    }
  }
}

TEST(StreamDetector, missing_values_teach_nothing) {
  auto values = office(9);
  const auto before = scores(values);
  StreamDetector detector;
  base::Seconds time{std::chrono::hours(400'000)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(detector.score(time, std::numeric_limits<double>::quiet_NaN()), 0);
    ASSERT_EQ(detector.score(time, values[i]), before[i]);
    time += kFiveMinutes;
  }
}

TEST(StreamDetector, days_are_scored_as_well_as_minutes) {
  base::Random random(11);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(100 + 3 * random.normal());
  values[300] = 190;
  const auto found = alerts(values, std::chrono::hours(24));
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(std::find(found.begin(), found.end(), 300) != found.end());
}

}  // namespace
}  // namespace costagent
