// Series of several levels at once, on every database.
#include <gtest/gtest.h>

#include <cmath>

#include "costagent/store/fact_contract_test.h"

namespace costagent {
namespace {

class FactSeriesTest : public FactContractTest {
 protected:
  // Two services in two regions; web's machine costs 2, data's 3 and a bucket without a tag 0.5, each on three days but
  // for the second of the bucket.
  void fill() {
    std::vector<Charge> charges;
    for (const char* date : {"2025-01-01", "2025-01-02", "2025-01-03"}) {
      charges.push_back(charge(date, "EC2", "i-web", "2"));
      charges.back().tags = R"({"team":"web"})";
      charges.push_back(charge(date, "EC2", "i-data", "3"));
      charges.back().tags = R"({"team":"data"})";
      charges.back().region = "us-east-1";
      if (date != std::string("2025-01-02")) charges.push_back(charge(date, "S3", "bucket", "0.5"));
    }
    take_in("levels", charges);
  }
  LevelsQuery query(std::vector<SeriesLevel> levels) {
    return {"acme", {day("2025-01-01"), day("2025-01-04")}, CostMetric::effective, std::move(levels)};
  }
};

using Days = std::vector<double>;

TEST_P(FactSeriesTest, levels_are_summed_from_one_reading) {
  fill();
  const auto levels =
      facts().series_by_level(query({{}, {{Dimension::service}, {}}, {{Dimension::service, Dimension::region}, {}}}));
  ASSERT_TRUE(levels) << levels.error().message;
  ASSERT_EQ(levels->size(), 3u);
  ASSERT_EQ((*levels)[0].size(), 1u);
  EXPECT_EQ((*levels)[0][0].cost, (Days{5.5, 5, 5.5}));
  EXPECT_TRUE((*levels)[0][0].key.empty());
  EXPECT_EQ((*levels)[0][0].currency, "USD");
  ASSERT_EQ((*levels)[1].size(), 2u);
  EXPECT_EQ((*levels)[1][0].key, SliceKey{"EC2"}) << "the dearest first";
  EXPECT_EQ((*levels)[1][0].cost, (Days{5, 5, 5}));
  EXPECT_TRUE(std::isnan((*levels)[1][1].cost[1])) << "a day without a charge";
  ASSERT_EQ((*levels)[2].size(), 3u);
  EXPECT_EQ((*levels)[2][0].key, (SliceKey{"EC2", "us-east-1"}));
}

TEST_P(FactSeriesTest, a_level_may_be_of_resources_and_of_a_tags_values) {
  fill();
  const auto levels =
      facts().series_by_level(query({{{Dimension::resource}, {}}, {{}, "team"}, {{Dimension::service}, "team"}}));
  ASSERT_TRUE(levels) << levels.error().message;
  ASSERT_EQ((*levels)[0].size(), 3u);
  EXPECT_EQ((*levels)[0][2].key, SliceKey{"bucket"});
  ASSERT_EQ((*levels)[1].size(), 3u);
  EXPECT_EQ((*levels)[1][0].key, SliceKey{"data"});
  EXPECT_EQ((*levels)[1][2].key, SliceKey{""}) << "what has no such tag is a slice, too";
  EXPECT_EQ((*levels)[1][1].cost, (Days{2, 2, 2}));
  EXPECT_EQ((*levels)[2][0].key, (SliceKey{"EC2", "data"}));
}

TEST_P(FactSeriesTest, levels_keep_a_part_of_the_bill) {
  fill();
  auto asked = query({{{Dimension::region}, {}}});
  asked.only = {{Dimension::service, "EC2"}, {Dimension::region, "eu-west-1"}};
  const auto levels = facts().series_by_level(asked);
  ASSERT_TRUE(levels) << levels.error().message;
  ASSERT_EQ((*levels)[0].size(), 1u);
  EXPECT_EQ((*levels)[0][0].cost, (Days{2, 2, 2}));
  asked.only_tagged = {{"team", "data"}};
  EXPECT_TRUE(facts().series_by_level(asked).value().at(0).empty()) << "that is in another region";
  asked.only_tagged.clear();
  asked.only = {{Dimension::service, "none of these"}};
  EXPECT_TRUE(facts().series_by_level(asked).value().at(0).empty());
}

TEST_P(FactSeriesTest, more_series_than_were_asked_for_are_refused) {
  fill();
  auto asked = query({{}, {{Dimension::resource}, {}}});
  asked.most_series = 4;
  EXPECT_TRUE(facts().series_by_level(asked));
  asked.most_series = 3;
  const auto refused = facts().series_by_level(asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::too_large);
}

INSTANTIATE_TEST_SUITE_P(every, FactSeriesTest, every_store(), name_of_kind);

}  // namespace
}  // namespace costagent
