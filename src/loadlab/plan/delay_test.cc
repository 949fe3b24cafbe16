#include "loadlab/plan/delay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace loadlab {
namespace {

using namespace std::chrono_literals;

std::vector<double> draws(const Delay& delay) {
  base::Random random(7);
  std::vector<double> seconds;
  for (int i = 0; i < 20'001; ++i) seconds.push_back(std::chrono::duration<double>(delay.draw(random)).count());
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(Delay, each_kind_has_its_distribution) {
  EXPECT_EQ(draws(Delay::always(3s)).front(), 3);
  const auto uniform = draws(Delay::between(1s, 3s));
  EXPECT_GE(uniform.front(), 1);
  EXPECT_LT(uniform.back(), 3);
  EXPECT_NEAR(mean(uniform), 2, 0.02);
  const auto exponential = draws({Delay::Kind::exponential, 2s, 2s, 0});
  EXPECT_NEAR(mean(exponential), 2, 0.06);
  EXPECT_NEAR(exponential[10'000], 2 * 0.693, 0.06) << "the median of an exponential is ln 2 of its mean";
  const auto log_normal = draws({Delay::Kind::log_normal, 2s, 2s, 0.5});
  EXPECT_NEAR(log_normal[10'000], 2, 0.06);
  EXPECT_NEAR(log_normal[16'827], 2 * 1.6487, 0.12) << "one sigma above the median: e to the 0.5 of it";
}

TEST(Delay, no_draw_is_longer_than_an_hour) { EXPECT_LE(draws({Delay::Kind::log_normal, 1h, 1h, 3}).back(), 3600); }

}  // namespace
}  // namespace loadlab
