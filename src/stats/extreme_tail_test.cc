#include "stats/extreme_tail.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace stats {
namespace {

TEST(ExtremeTail, surprises_are_as_rare_as_they_say) {
  base::Random random(1);
  ExtremeTail tail(1);
  int beyond[3] = {};
  constexpr int kValues = 60000;
  for (int i = 0; i < kValues; ++i) {
    const double value = -std::log(1 - random.uniform());
    const double surprise = tail.surprise(value);
    for (int k = 0; k < 3; ++k) beyond[k] += surprise > std::log(10) * (k + 1);
    tail.add(value);
  }
  // The power law above the threshold is on the careful side of exponential noise, and never far from it.
  EXPECT_NEAR(beyond[2], kValues / 1000.0, kValues / 2000.0);
  EXPECT_LT(beyond[2], beyond[1]);
}

TEST(ExtremeTail, a_factor_on_all_magnitudes_changes_nothing) {
  base::Random random(2);
  ExtremeTail one(3);
  ExtremeTail other(3);
  for (int i = 0; i < 500; ++i) {
    const double value = std::exp(4 * random.uniform());
    EXPECT_NEAR(one.surprise(value), other.surprise(1e9 * value), 1e-6);
    one.add(value);
    other.add(1e9 * value);
  }
}

TEST(ExtremeTail, neighbours_within_a_block_are_one_witness) {
  ExtremeTail tail(100);
  for (int i = 0; i < 399; ++i) tail.add(1);
  EXPECT_EQ(tail.surprise(1000), 0) << "three blocks are too few to know anything";
  tail.add(1);
  EXPECT_GT(tail.surprise(1000), 2);
}

TEST(ExtremeTail, equal_and_zero_magnitudes_make_no_tail_without_width) {
  ExtremeTail equal(1);
  ExtremeTail zero(1);
  for (int i = 0; i < 100; ++i) {
    equal.add(5);
    zero.add(0);
  }
  EXPECT_LT(equal.surprise(5), 0.1) << "a value like all others";
  EXPECT_TRUE(std::isfinite(equal.surprise(1e300)));
  EXPECT_EQ(zero.surprise(0), 0);
  EXPECT_NEAR(zero.surprise(1e-300), std::log(101), 1e-9) << "the first that is not zero";
}

TEST(ExtremeTail, one_outlier_makes_no_heavy_tail) {
  base::Random random(3);
  ExtremeTail without(1);
  ExtremeTail with(1);
  for (int i = 0; i < 400; ++i) {
    const double value = std::abs(random.normal());
    without.add(value);
    with.add(i == 200 ? 1e6 : value);
  }
  EXPECT_NEAR(with.surprise(13), without.surprise(13), 1);
}

TEST(ExtremeTail, the_past_fades) {
  ExtremeTail tail(1);
  for (int i = 0; i < 32; ++i) tail.add(1000);
  for (int i = 0; i < 100; ++i) tail.add(1);
  const double while_known = tail.surprise(500);
  for (int i = 0; i < 60000; ++i) tail.add(1);
  EXPECT_GT(tail.surprise(500), while_known + 3);
}

}  // namespace
}  // namespace stats
