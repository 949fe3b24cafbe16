#include "stats/rolling_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace stats {
namespace {

TEST(RollingWindow, tells_what_a_list_of_the_last_values_tells) {
  base::Random random(1);
  RollingWindow window(7);
  RollingQuantiles quantiles(7);
  std::vector<double> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(static_cast<double>(random.below(10)));
    window.add(all.back());
    quantiles.add(all.back());
    std::vector<double> kept(all.end() - std::min<std::ptrdiff_t>(7, std::ssize(all)), all.end());
    ASSERT_EQ(window.size(), kept.size());
    for (std::size_t back = 0; back < kept.size(); ++back) {
      EXPECT_EQ(window.last(back), kept[kept.size() - 1 - back]);
      for (std::size_t count = 1; count + back <= kept.size(); ++count) {
        const auto end = kept.end() - static_cast<std::ptrdiff_t>(back);
        const double sum = std::accumulate(end - static_cast<std::ptrdiff_t>(count), end, 0.0);
        EXPECT_DOUBLE_EQ(window.mean(count, back), sum / static_cast<double>(count));
      }
    }
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(quantiles.quantile(0), kept.front());
    EXPECT_EQ(quantiles.quantile(0.5), kept[kept.size() / 2]);
    EXPECT_EQ(quantiles.quantile(1), kept.back());
  }
}

TEST(RollingWindow, a_huge_value_leaves_no_rounding_behind) {
  RollingWindow window(4);
  window.add(1e300);
  for (int i = 0; i < 4; ++i) window.add(0.1);
  EXPECT_DOUBLE_EQ(window.mean(4), 0.1);
}

}  // namespace
}  // namespace stats
