#include "stats/sliding_median.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"
#include "stats/robust.h"

namespace stats {
namespace {

TEST(SlidingMedian, equals_the_median_of_every_window) {
  base::Random random(3);
  for (const int width : {1, 2, 7, 15, 28}) {
    std::vector<double> values;
    for (int i = 0; i < 300; ++i) {
      // Ties and gaps, as bills have them.
      values.push_back(random.chance(0.1) ? std::numeric_limits<double>::quiet_NaN()
                                          : static_cast<double>(random.below(40)));
    }
    SlidingMedian sliding(values);
    for (int i = 0; i < 300; ++i) {
      const int begin = std::max(0, i - width / 2);
      const int end = std::min(300, i - width / 2 + width);
      const auto window =
          std::span(values).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
      EXPECT_EQ(sliding.move_to(i - width / 2, i - width / 2 + width), median(window))
          << "width " << width << " at " << i;
    }
  }
}

TEST(SlidingMedian, nothing_finite_has_none) {
  const std::vector<double> values(5, std::numeric_limits<double>::infinity());
  SlidingMedian sliding(values);
  EXPECT_EQ(sliding.move_to(0, 3), std::nullopt);
  EXPECT_EQ(sliding.move_to(4, 90), std::nullopt);
  EXPECT_EQ(sliding.move_to(90, 99), std::nullopt);
}

}  // namespace
}  // namespace stats
