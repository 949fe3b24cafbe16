#include "stats/slope_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace stats {
namespace {

std::vector<double> all_slopes(const std::vector<Point>& points) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j)
      slopes.push_back((points[j].value - points[i].value) / (points[j].step - points[i].step));
  std::sort(slopes.begin(), slopes.end());
  return slopes;
}

// Series of many kinds, with gaps; the harder ones have many equal slopes.
std::vector<Point> example(std::uint64_t seed, int kind, int count) {
  base::Random random(base::mix(seed));
  const std::vector<std::function<double(int)>> kinds = {
      [&](int i) { return 0.1 * i + random.normal(); },
      [&](int) { return static_cast<double>(random.below(3)); },
      [&](int i) { return i / 3.0 + (i % 50 == 0 ? 40.0 : 0.0); },
      [&](int) { return 4.2; },
      [&](int i) { return i < 200 ? 1e6 : 2e6 + random.normal(); },
      [&](int) { return std::exp(8 * random.normal()); },
      [&](int) { return random.chance(0.8) ? 0.0 : random.exponential(); },
      [&](int i) { return std::round(100 * (20 + 0.01 * i + random.normal())) / 100; },
  };
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    if (i % 11 != 5) points.push_back({static_cast<double>(i), kinds[static_cast<std::size_t>(kind)](i)});
  }
  return points;
}
constexpr int kKinds = 8;

TEST(SlopeRanks, are_those_of_the_sorted_slopes_of_all_pairs) {
  for (const int count : {3, 30, 80, 400}) {
    for (int kind = 0; kind < kKinds; ++kind) {
      const auto points = example(7, kind, count);
      const auto sorted = all_slopes(points);
      SlopeRanks ranks(points);
      ASSERT_EQ(ranks.pairs(), sorted.size());
      const double spread = std::abs(sorted.front()) + std::abs(sorted.back());
      for (const double share : {0.0, 0.02, 0.3, 0.5, 0.55, 0.97, 1.0}) {
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
        EXPECT_NEAR(ranks.at(rank), sorted[rank], 1e-13 * spread) << kind << " " << count << " " << share;
      }
    }
  }
}

TEST(SlopeRanks, scale_with_the_values_by_powers_of_two_to_the_last_bit) {
  auto points = example(3, 0, 300);
  SlopeRanks before(points);
  for (Point& point : points) point.value *= 0x1p+900;
  SlopeRanks after(points);
  EXPECT_EQ(after.at(20'000), before.at(20'000) * 0x1p+900);
}

TEST(SlopeRanks, counts_the_pairs_that_fall_and_sorts) {
  base::Random random(1);
  for (const std::size_t count : {0u, 1u, 2u, 13u, 100u, 1000u}) {
    std::vector<double> values;
    while (values.size() < count) values.push_back(static_cast<double>(random.below(50)));
    std::uint64_t falls = 0;
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j) falls += values[i] > values[j];
    std::vector<double> scratch(count);
    EXPECT_EQ(sort_and_count_falls(values, scratch), falls);
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  }
}

}  // namespace
}  // namespace stats
