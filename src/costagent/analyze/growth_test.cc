#include "costagent/analyze/growth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace costagent {
namespace {

Growth of(const std::vector<GrowthItem>& items) { return growth_of(items); }

TEST(Growth, is_told_by_its_cause) {
  const Growth price = of({{"hours", 100, 10, 120, 10}});
  EXPECT_EQ(price.price, 20);
  EXPECT_EQ(price.usage, 0);
  EXPECT_EQ(price.mix, 0);
  const Growth usage = of({{"hours", 100, 10, 150, 15}, {"hours", 40, 4, 60, 6}});
  EXPECT_EQ(usage.usage, 70);
  EXPECT_EQ(usage.price, 0);
  EXPECT_NEAR(usage.mix, 0, 1e-12);
  // As many hours as before, more of them of the dearer kind.
  const Growth mix = of({{"hours", 100, 100, 50, 50}, {"hours", 200, 100, 300, 150}});
  EXPECT_EQ(mix.mix, 50);
  EXPECT_EQ(mix.usage, 0);
  EXPECT_EQ(mix.price, 0);
}

TEST(Growth, keeps_units_apart_and_takes_fees_for_prices) {
  const Growth growth = of({{"hours", 100, 10, 200, 20}, {"GB", 0, 0, 30, 300}, {"", 50, 0, 55, 0}});
  EXPECT_EQ(growth.usage, 130) << "twice the hours, and gigabytes that are new";
  EXPECT_EQ(growth.price, 5);
  EXPECT_EQ(growth.mix, 0);
}

TEST(Growth, parts_add_up_to_the_change) {
  base::Random random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<GrowthItem> items;
    const auto amount = [&] { return random.chance(0.2) ? 0.0 : 100 * random.exponential(); };
    for (int i = 0; i < 12; ++i)
      items.push_back({random.chance(0.5) ? "a" : "b", amount(), amount(), amount(), amount()});
    const Growth growth = growth_of(items);
    EXPECT_NEAR(growth.price + growth.usage + growth.mix, growth.change, 1e-9);
  }
}

}  // namespace
}  // namespace costagent
