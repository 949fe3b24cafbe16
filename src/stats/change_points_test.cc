#include "stats/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace stats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::size_t> indices(std::span<const double> values, const ChangePointOptions& options = {}) {
  std::vector<std::size_t> found;
  for (const ChangePoint& point : change_points(values, options)) found.push_back(point.index);
  return found;
}

// The series of Apache Otava's own tests, with what Otava finds in them.
TEST(ChangePoints, are_those_that_otava_finds) {
  const std::vector<double> fall = {1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96,
                                    0.50, 0.51, 0.48, 0.48, 0.55, 0.50, 0.49, 0.51, 0.50, 0.49};
  EXPECT_THAT(indices(fall, {10, 0.0001, 0}), ElementsAre(10));
  const std::vector<double> steps = {0.3,  2.4,   1.5,   -0.9,  -0.5,  99.7,  98.3,
                                     99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150.0};
  EXPECT_THAT(indices(steps, {50, 0.01, 0}), ElementsAre(5, 8));
}

std::vector<double> levels(std::initializer_list<std::pair<double, int>> runs) {
  std::vector<double> values;
  for (const auto& [value, count] : runs) values.insert(values.end(), static_cast<std::size_t>(count), value);
  return values;
}

// Here the last bit decides: whether a change is the least that counts, and which of equal splits comes first. What is
// expected is what Otava 0.8 finds, with numpy's sums.
TEST(ChangePoints, of_integers_and_round_values_are_those_that_otava_finds) {
  EXPECT_THAT(indices(levels({{105, 1}, {100, 6}}), {50, 0.001, 0.05}), ElementsAre(1));
  EXPECT_THAT(indices(levels({{100, 1}, {101, 6}}), {50, 0.001, 0.01}), ElementsAre(1));
  EXPECT_THAT(indices(levels({{12, 1}, {10, 9}}), {50, 0.001, 0.2}), IsEmpty());
  EXPECT_THAT(indices(levels({{10, 9}, {12, 3}}), {50, 0.01, 0.2}), IsEmpty());
  EXPECT_THAT(indices(levels({{1, 7}}), {50, 0.5, 0}), IsEmpty());
  EXPECT_THAT(indices(levels({{1'000'000, 15}}), {100, 0.2, 0}), IsEmpty());
  EXPECT_THAT(indices(std::vector<double>{0, 0, 0, 1, 0, 1, 1}, {10, 0.05, 0}), ElementsAre(5));
  EXPECT_THAT(indices(std::vector<double>{0, 0, 1, 2, 2, 2, 1}, {10, 0.001, 0}), ElementsAre(2, 3, 6));
  EXPECT_THAT(indices(std::vector<double>{5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, {30, 0.01, 0.01}), ElementsAre(5));
  EXPECT_THAT(indices(levels({{0, 1}, {1, 3}}), {10, 1, 0}), ElementsAre(1));
}

// The energy distance by its definition, pair by pair.
TEST(ChangePoints, the_first_split_is_where_the_energy_distance_is_greatest) {
  base::Random random(4);
  int agreed = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 24; ++i) values.push_back(random.normal() + (i < 9 + round % 5 ? 0 : 4));
    double greatest = -1;
    std::size_t best = 0;
    for (std::size_t split = 1; split < values.size(); ++split) {
      for (std::size_t end = split + 1; end <= values.size(); ++end) {
        const auto n = static_cast<double>(split);
        const auto m = static_cast<double>(end - split);
        double across = 0;
        double left = 0;
        double right = 0;
        for (std::size_t i = 0; i < end; ++i) {
          for (std::size_t j = i + 1; j < end; ++j) {
            const double distance = std::abs(values[i] - values[j]);
            (j < split ? left : i < split ? across : right) += distance;
          }
        }
        double q = 2 * across / (m + n);
        if (n > 1) q -= 2 * m / (m + n) / (n - 1) * left;
        if (m > 1) q -= 2 * n / (m + n) / (m - 1) * right;
        if (q > greatest) {
          greatest = q;
          best = split;
        }
      }
    }
    const auto found = indices(values, {50, 0.01, 0});
    agreed += std::find(found.begin(), found.end(), best) != found.end();
  }
  EXPECT_GE(agreed, 19) << "the merge may drop one";
}

TEST(ChangePoints, finds_levels_across_windows_and_says_what_they_are) {
  base::Random random(5);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back((i < 130 ? 100 : i < 270 ? 120 : 90) + 3 * random.normal());
  const auto points = change_points(values);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].index, 130u);
  EXPECT_EQ(points[1].index, 270u);
  EXPECT_NEAR(points[0].mean_before, 100, 1);
  EXPECT_NEAR(points[0].mean_after, 120, 1);
  EXPECT_NEAR(points[1].magnitude(), 120.0 / 90 - 1, 0.02);
  EXPECT_LT(points[1].pvalue, 1e-6);
}

TEST(ChangePoints, leaves_out_what_is_too_small_to_matter) {
  base::Random random(6);
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back((i < 50 ? 100 : 103) + 0.5 * random.normal());
  EXPECT_THAT(indices(values), ElementsAre(50));
  EXPECT_THAT(indices(values, {50, 0.001, 0.05}), IsEmpty());
}

TEST(ChangePoints, of_noise_are_rare) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    base::Random random(base::mix(seed));
    std::vector<double> values;
    for (int i = 0; i < 100; ++i) values.push_back(100 + 3 * random.normal());
    alarms += !indices(values, {50, 0.0001, 0.05}).empty();
  }
  EXPECT_LE(alarms, 6);
}

// Histories of runs as they are: noise of 3 % and now and then a run that was disturbed, by up to 30 %.
TEST(ChangePoints, a_level_has_as_many_values_as_it_must) {
  const std::vector<double> values = {1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96, 0.50, 0.51};
  EXPECT_THAT(indices(values, {50, 0.01, 0, 2}), ElementsAre(10));
  EXPECT_THAT(indices(values, {50, 0.01, 0, 3}), IsEmpty());
  EXPECT_THAT(indices(values, {50, 0.01, 0, 11}), IsEmpty());
}

TEST(ChangePoints, of_histories_with_outliers_are_rare_and_a_shift_of_ten_percent_is_found) {
  int alarms = 0;
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    base::Random random(base::mix(1000 + seed));
    std::vector<double> still;
    std::vector<double> shifted;
    for (int i = 0; i < 80; ++i) {
      double value = 100 * (1 + 0.03 * random.normal());
      if (random.chance(0.03)) value *= 1 + 0.3 * random.uniform();
      still.push_back(value);
      shifted.push_back(i < 40 ? value : 1.1 * value);
    }
    alarms += indices(still, kForHistories).empty() ? 0 : 1;
    const auto at = indices(shifted, kForHistories);
    found += std::any_of(at.begin(), at.end(), [](std::size_t i) { return i >= 38 && i <= 42; }) ? 1 : 0;
  }
  EXPECT_LT(alarms, 6) << "3 in 100";
  EXPECT_GT(found, 180) << "90 in 100";
}

TEST(ChangePoints, a_gap_is_passed_over_and_keeps_its_index) {
  std::vector<double> values(40, 1);
  for (std::size_t i = 20; i < 40; ++i) values[i] = 2;
  for (std::size_t i = 0; i < 40; i += 3) values[i] += 0.01;
  values[5] = NAN;
  values[30] = INFINITY;
  EXPECT_THAT(indices(values), ElementsAre(20));
}

TEST(ChangePoints, of_what_never_changes_or_hardly_is_there_are_none) {
  EXPECT_THAT(indices(std::vector<double>(120, 4.0)), IsEmpty());
  EXPECT_THAT(indices(std::vector<double>{}), IsEmpty());
  EXPECT_THAT(indices(std::vector{1.0, 2.0}), IsEmpty());
  EXPECT_THAT(indices(std::vector<double>{1e308, -1e308, 1e308, NAN}), IsEmpty());
}

}  // namespace
}  // namespace stats
