#include "costagent/analyze/feedback.h"

#include <gtest/gtest.h>

#include <cmath>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

using enum Dimension;

base::Day day(int i) { return base::parse_day("2025-03-03").value() + std::chrono::days(i); }

Anomaly anomaly(int start, double impact, SliceKey slice = {"AWS", "EC2"}) {
  Anomaly made;
  made.dimensions = {provider, service};
  made.slice = std::move(slice);
  made.currency = "USD";
  made.start = day(start);
  made.end = day(start + 1);
  made.expected_cost = 100;
  made.actual_cost = 100 + impact;
  return made;
}

TEST(AnomalyId, is_of_slice_day_and_direction_and_of_nothing_else) {
  const Anomaly first = anomaly(3, 50);
  Anomaly same = first;
  same.kind = AnomalyKind::level_shift;
  same.end = day(9);
  same.actual_cost = 190;
  same.score = 0.9;
  EXPECT_EQ(id_of("acme", first), id_of("acme", same));
  EXPECT_EQ(id_of("acme", first).size(), 16u);
  EXPECT_NE(id_of("acme", first), id_of("globex", first));
  EXPECT_NE(id_of("acme", first), id_of("acme", anomaly(4, 50)));
  EXPECT_NE(id_of("acme", first), id_of("acme", anomaly(3, -50)));
  EXPECT_NE(id_of("acme", first), id_of("acme", anomaly(3, 50, {"AWS", "S3"})));
  Anomaly tagged = first;
  tagged.dimensions = {provider};
  tagged.tag = "service";
  EXPECT_NE(id_of("acme", first), id_of("acme", tagged));
}

TEST(BillSlices, lie_to_series_as_their_charges_do) {
  const BillSlice ec2{{{service, "EC2"}}, {}};
  EXPECT_EQ(relation_of(ec2, {provider, service}, "", {"AWS", "EC2"}), Relation::same);
  EXPECT_EQ(relation_of(ec2, {provider, service}, "", {"AWS", "S3"}), Relation::apart);
  EXPECT_EQ(relation_of(ec2, {provider, service, region}, "", {"AWS", "EC2", "ohio"}), Relation::whole);
  EXPECT_EQ(relation_of(ec2, {}, "", {}), Relation::part);
  EXPECT_EQ(relation_of(ec2, {provider, region}, "", {"AWS", "ohio"}), Relation::apart)
      << "they share but some of their charges";
  EXPECT_EQ(relation_of({}, {}, "", {}), Relation::same);
  EXPECT_EQ(relation_of({}, {provider, service}, "", {"AWS", "EC2"}), Relation::whole);
  EXPECT_EQ(relation_of({{{provider, "aws"}}, {}}, {provider}, "", {"AWS"}), Relation::same);
  const BillSlice web{{}, {{"team", "web"}}};
  EXPECT_EQ(relation_of(web, {}, "team", {"web"}), Relation::same);
  EXPECT_EQ(relation_of(web, {}, "team", {"data"}), Relation::apart);
  EXPECT_EQ(relation_of(web, {}, "env", {"web"}), Relation::apart);
  EXPECT_EQ(relation_of(web, {}, "", {}), Relation::part);
}

TEST(UsualDays, are_what_the_same_weekdays_around_cost) {
  CostSeries series = example_series(1, {.days = 70, .noise = 0, .weekend = 0.5, .growth_per_month = 0});
  const Period sale{series.first + std::chrono::days(33), series.first + std::chrono::days(36)};  // Saturday to Monday
  std::vector<bool> taken(70, false);
  for (std::size_t i = 33; i < 36; ++i) {
    series.cost[i] = 9999;
    taken[i] = true;
  }
  const auto usual = usual_days(series, sale, taken);
  ASSERT_EQ(usual.size(), 70u);
  EXPECT_EQ(usual[33], 500);
  EXPECT_EQ(usual[34], 500);
  EXPECT_EQ(usual[35], 1000);
  EXPECT_TRUE(std::isnan(usual[32]));
  EXPECT_TRUE(std::isnan(usual[36]));
}

TEST(UsualDays, are_not_known_where_no_day_around_tells) {
  const CostSeries series = example_series(1, {.days = 14});
  const auto usual = usual_days(series, {series.first, series.first + std::chrono::days(14)}, std::vector(14, true));
  for (const double cost : usual) EXPECT_TRUE(std::isnan(cost));
}

TEST(UsualDays, are_told_by_the_nearest_weeks_that_are_not_taken) {
  CostSeries series = example_series(1, {.days = 210, .noise = 0, .weekend = 0.5, .growth_per_month = 0});
  std::vector<bool> taken(210, false);
  for (std::size_t i = 49; i < 161; ++i) {
    series.cost[i] = 9999;
    taken[i] = true;
  }
  for (std::size_t i = 0; i < 21; ++i) series.cost[i] = 7;  // more than four weeks before
  const auto usual = usual_days(series, {series.first, series.first + std::chrono::days(210)}, taken);
  EXPECT_EQ(usual[105], 1000);
  EXPECT_EQ(usual[110], 500);
  series.cost.assign(210, kNoCharge);
  EXPECT_TRUE(std::isnan(usual_days(series, {series.first, series.first + std::chrono::days(210)}, taken)[105]));
}

Feedback answer(FeedbackKind kind = FeedbackKind::not_an_anomaly) {
  Feedback made;
  made.kind = kind;
  made.slice.only = {{provider, "AWS"}, {service, "EC2"}};
  made.days = {day(3), day(4)};
  return made;
}

TEST(Answers, are_of_what_begins_on_their_days_in_their_slice) {
  EXPECT_TRUE(is_answered(answer(), anomaly(3, 50)));
  EXPECT_TRUE(is_answered(answer(FeedbackKind::expected), anomaly(1, 50))) << "a bill's days are cut by several clocks";
  EXPECT_FALSE(is_answered(answer(), anomaly(9, 50)));
  EXPECT_FALSE(is_answered(answer(), anomaly(3, 50, {"AWS", "S3"})));
  EXPECT_FALSE(is_answered(answer(FeedbackKind::exclude), anomaly(3, 50)));
  EXPECT_FALSE(is_answered(answer(FeedbackKind::planned_event), anomaly(3, 50)));
  Anomaly total = anomaly(3, 50, {});
  total.dimensions.clear();
  EXPECT_TRUE(is_answered(answer(), total)) << "which rises with the part";
}

TEST(Answers, are_of_all_that_is_alike_and_hardly_larger) {
  Feedback marked = answer();
  marked.daily_impact = 50;
  EXPECT_TRUE(is_answered(marked, anomaly(40, 55)));
  EXPECT_FALSE(is_answered(marked, anomaly(40, 80))) << "that is more";
  EXPECT_FALSE(is_answered(marked, anomaly(40, -20))) << "that is less";
  EXPECT_FALSE(is_answered(marked, anomaly(3, -20))) << "nor was that meant";
  Anomaly in_a_region = anomaly(40, 20, {"AWS", "EC2", "ohio"});
  in_a_region.dimensions.push_back(region);
  EXPECT_FALSE(is_answered(marked, in_a_region)) << "of a part nobody has said anything";
}

}  // namespace
}  // namespace costagent
