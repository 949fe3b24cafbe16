#include "costagent/analyze/incidents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "costagent/analyze/example_series.h"

namespace costagent {
namespace {

// Four services in a bill, with their total.
std::vector<SliceLevel> bill(std::uint64_t seed, int spiked = -1) {
  std::vector<SliceLevel> levels{{{}, {}}, {{Dimension::service}, {}}};
  for (int i = 0; i < 4; ++i) {
    CostSeries series = example_series(seed + static_cast<std::uint64_t>(i), {.level = 100.0 * (i + 1)});
    series.key = {"service " + std::to_string(i)};
    if (i == spiked) series.cost[200] += 500;
    if (i == 0) {
      levels[0].series.push_back(series);
      levels[0].series[0].key.clear();
    } else {
      for (std::size_t day = 0; day < series.cost.size(); ++day) levels[0].series[0].cost[day] += series.cost[day];
    }
    levels[1].series.push_back(std::move(series));
  }
  return levels;
}

Period whole() {
  const base::Day first = example_series(1).first;
  return {first, first + std::chrono::days(365)};
}

std::vector<Incident> find(const std::vector<SliceLevel>& levels, Sensitivity sensitivity = Sensitivity::medium) {
  return find_incidents(levels, whole(), sensitivity);
}

TEST(Incidents, a_service_and_the_total_it_raises_are_one_incident_that_names_the_service_first) {
  const auto found = find(bill(10, 2));
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found[0].cause().slice, testing::ElementsAre("service 2"));
  EXPECT_EQ(found[0].cause().start, whole().from + std::chrono::days(200));
  ASSERT_EQ(found[0].causes.size(), 2u);
  EXPECT_TRUE(found[0].causes[1].slice.empty()) << "the total";
  EXPECT_NEAR(found[0].cause().impact(), 500, 50);
}

Anomaly anomaly_of(SliceKey slice, double deviations, double usual, double change) {
  Anomaly anomaly;
  anomaly.dimensions = {Dimension::service, Dimension::region};
  anomaly.dimensions.resize(slice.size());
  anomaly.slice = std::move(slice);
  anomaly.start = whole().from + std::chrono::days(100);
  anomaly.end = anomaly.start + std::chrono::days(1);
  anomaly.expected_cost = usual;
  anomaly.actual_cost = usual + change;
  anomaly.deviations = deviations;
  return anomaly;
}

TEST(Incidents, a_part_that_is_no_anomaly_by_itself_is_still_the_cause_of_what_it_explains) {
  const auto found =
      incidents_of({anomaly_of({"compute"}, 6, 1000, 100)},
                   {anomaly_of({"compute", "west"}, 4, 300, 97), anomaly_of({"disk", "west"}, 4, 300, 97),
                    anomaly_of({"compute", "east"}, 4, 300, -97)});
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].causes.size(), 2u);
  EXPECT_THAT(found[0].cause().slice, testing::ElementsAre("compute", "west"));
}

TEST(Incidents, hints_alone_are_no_incident) {
  EXPECT_TRUE(incidents_of({}, {anomaly_of({"compute"}, 4, 1000, 100)}).empty());
}

TEST(Incidents, a_whole_whose_parts_change_by_their_shares_is_told_before_them) {
  const auto found = incidents_of({anomaly_of({"compute"}, 14, 1000, 100), anomaly_of({"compute", "west"}, 13, 500, 52),
                                   anomaly_of({"compute", "east"}, 10, 500, 48)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].cause().slice, testing::ElementsAre("compute"));
}

TEST(Incidents, a_whole_is_told_after_the_one_part_that_changed) {
  const auto found =
      incidents_of({anomaly_of({"compute"}, 14, 1000, 100), anomaly_of({"compute", "west"}, 10, 500, 99)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].cause().slice, testing::ElementsAre("compute", "west"));
}

TEST(Incidents, a_new_service_comes_before_the_region_that_it_is_in) {
  const base::Day start = whole().from + std::chrono::days(100);
  Anomaly total = anomaly_of({}, 20, 5000, 100);
  Anomaly region = anomaly_of({"west"}, 50, 300, 100);
  region.dimensions = {Dimension::region};
  Anomaly added = anomaly_of({"models"}, 4, 0, 100);
  for (Anomaly* anomaly : {&total, &region}) anomaly->kind = AnomalyKind::level_shift;
  added.kind = AnomalyKind::new_service;
  auto found = incidents_of({total, region, added});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].cause().kind, AnomalyKind::new_service);
  EXPECT_EQ(found[0].cause().start, start);
  // A small one isn't what made it.
  added.actual_cost = 30;
  found = incidents_of({total, region, added});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].cause().kind, AnomalyKind::level_shift);
}

TEST(Incidents, a_hint_of_another_kind_or_of_little_does_not_stand_for_what_is_told) {
  Anomaly told = anomaly_of({"compute"}, 3, 1000, 100);
  told.kind = AnomalyKind::level_shift;
  told.score = 0.8;
  Anomaly hint = anomaly_of({"compute", "west"}, 30, 300, 97);
  auto found = incidents_of({told}, {hint});
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].causes.size(), 2u);
  EXPECT_EQ(found[0].cause().kind, AnomalyKind::level_shift);
  EXPECT_EQ(found[0].score, 0.8);
  hint.kind = AnomalyKind::level_shift;
  EXPECT_EQ(incidents_of({told}, {hint})[0].cause().slice.size(), 2u);
  hint.actual_cost = hint.expected_cost + 40;
  EXPECT_EQ(incidents_of({told}, {hint})[0].cause().slice.size(), 1u);
}

TEST(Incidents, slices_that_are_cut_otherwise_and_tell_the_same_money_are_one) {
  const Anomaly service = anomaly_of({"functions"}, 20, 225, -225);
  Anomaly region = anomaly_of({"west"}, 20, 227, -226);
  region.dimensions = {Dimension::region};
  EXPECT_EQ(incidents_of({service, region}).size(), 1u);
  EXPECT_EQ(incidents_of({service, anomaly_of({"storage"}, 20, 225, -225)}).size(), 2u) << "no charge is of both";
  Anomaly later = region;
  later.end += std::chrono::days(1);
  EXPECT_EQ(incidents_of({service, later}).size(), 2u);
  region.actual_cost = -20;
  EXPECT_EQ(incidents_of({service, region}).size(), 2u) << "another amount";
}

TEST(Incidents, changes_that_offset_each_other_are_two) {
  auto levels = bill(20, 2);
  levels[1].series[3].cost[200] -= 500;
  levels[0].series[0].cost[200] -= 500;
  auto found = find(levels);
  std::erase_if(found, [](const Incident& i) { return i.cause().start != whole().from + std::chrono::days(200); });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_LT(found[0].cause().impact() * found[1].cause().impact(), 0);
}

TEST(Incidents, a_factor_scales_money_and_leaves_the_rest) {
  const auto once = find(bill(30, 1), Sensitivity::high);
  auto levels = bill(30, 1);
  for (SliceLevel& level : levels) {
    for (CostSeries& series : level.series) {
      for (double& cost : series.cost) cost *= 1e4;
    }
  }
  const auto again = find(levels, Sensitivity::high);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_NEAR(once[i].cause().deviations, again[i].cause().deviations, 1e-6 * once[i].cause().deviations);
    EXPECT_NEAR(once[i].score, again[i].score, 1e-6);
    EXPECT_NEAR(1e4 * once[i].cause().impact(), again[i].cause().impact(), 1e-6 * std::abs(again[i].cause().impact()));
  }
}

TEST(Incidents, slices_of_zeros_or_of_nothing_change_nothing) {
  const auto once = find(bill(40, 3), Sensitivity::high);
  auto levels = bill(40, 3);
  for (int i = 0; i < 1000; ++i) {
    levels[1].series.push_back({{"zero"}, "USD", whole().from, std::vector<double>(365, i % 2 == 0 ? 0.0 : kNoCharge)});
  }
  const auto again = find(levels, Sensitivity::high);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].cause().score, again[i].cause().score);
}

TEST(Incidents, the_order_of_slices_changes_nothing) {
  const auto once = find(bill(50, 0), Sensitivity::high);
  auto levels = bill(50, 0);
  std::reverse(levels.begin(), levels.end());
  std::reverse(levels[0].series.begin(), levels[0].series.end());
  const auto again = find(levels, Sensitivity::high);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].cause().slice, again[i].cause().slice);
}

TEST(Incidents, an_empty_bill_has_none) { EXPECT_TRUE(find({}).empty()); }

}  // namespace
}  // namespace costagent
