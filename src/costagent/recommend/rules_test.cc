#include "costagent/recommend/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace costagent {
namespace {

constexpr Period kMonth{base::Day(std::chrono::days(20000)), base::Day(std::chrono::days(20030))};
const base::Seconds kNow = kMonth.to;

// A machine that costs 300 a month and is well used.
ResourceUsage busy() {
  ResourceUsage usage;
  usage.resource_id = "i-1";
  usage.resource_name = "web-1";
  usage.provider = "AWS";
  usage.currency = "USD";
  usage.effective_cost = base::Decimal::parse("300.0").value();
  usage.days_billed = 30;
  usage.last_billed = kMonth.to - std::chrono::days(1);
  usage.hours_observed = 720;
  usage.cpu_percent_average = 55;
  usage.cpu_percent_max = 90;
  usage.memory_percent_average = 60;
  usage.memory_percent_max = 70;
  usage.network_bytes_per_hour = 4e8;
  return usage;
}

ResourceUsage idle_machine() {
  ResourceUsage usage = busy();
  usage.cpu_percent_average = 0.8;
  usage.cpu_percent_max = 3;
  usage.memory_percent_max = 8;
  usage.network_bytes_per_hour = 5e4;
  return usage;
}

ResourceUsage oversized_machine() {
  ResourceUsage usage = busy();
  usage.cpu_percent_average = 12;
  usage.cpu_percent_max = 31;
  usage.memory_percent_max = 22;
  return usage;
}

std::vector<Recommendation> advice(const ResourceUsage& usage) { return recommend("acme", {&usage, 1}, kMonth, kNow); }

TEST(Rules, what_is_used_is_left_alone) { EXPECT_THAT(advice(busy()), testing::IsEmpty()); }

TEST(Rules, an_idle_machine_saves_all_it_costs) {
  const auto found = advice(idle_machine());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].type, RecommendationType::idle_resource);
  EXPECT_EQ(found[0].monthly_cost.to_string(), "304.38");
  EXPECT_EQ(found[0].monthly_savings, found[0].monthly_cost);
  EXPECT_DOUBLE_EQ(found[0].confidence, 0.95);
  EXPECT_EQ(found[0].risk, Risk::low);
  EXPECT_THAT(found[0].evidence, testing::Contains(testing::HasSubstr("720 observed hours")));
  EXPECT_THAT(found[0].evidence, testing::Contains(testing::HasSubstr("304.38 USD")));
}

TEST(Rules, an_oversized_machine_saves_half) {
  const auto found = advice(oversized_machine());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].type, RecommendationType::rightsize);
  EXPECT_EQ(found[0].monthly_savings.to_string(), "152.19");
  EXPECT_EQ(found[0].risk, Risk::medium);
  EXPECT_THAT(found[0].evidence, testing::Contains(testing::HasSubstr("at most 62 %")));
}

TEST(Rules, one_busy_hour_is_enough_to_be_left_alone) {
  ResourceUsage usage = oversized_machine();
  usage.cpu_percent_max = 41;
  EXPECT_TRUE(advice(usage).empty());
  usage = idle_machine();
  usage.network_bytes_per_hour = 6e6;
  EXPECT_EQ(advice(usage)[0].type, RecommendationType::rightsize) << "it serves something";
}

TEST(Rules, less_than_a_week_of_observation_says_nothing_and_more_says_it_more_surely) {
  ResourceUsage usage = idle_machine();
  usage.hours_observed = 167;
  EXPECT_TRUE(advice(usage).empty());
  usage.hours_observed = 168;
  EXPECT_DOUBLE_EQ(advice(usage)[0].confidence, 0.6);
  EXPECT_EQ(advice(usage)[0].risk, Risk::medium);
  usage.hours_observed = 0;
  EXPECT_TRUE(advice(usage).empty());
}

TEST(Rules, a_few_days_old_machine_is_projected_to_a_month) {
  ResourceUsage usage = idle_machine();
  usage.days_billed = 10;
  usage.effective_cost = base::Decimal(100);
  EXPECT_EQ(advice(usage)[0].monthly_cost.to_string(), "304.38");
}

TEST(Rules, what_is_gone_costs_nothing_or_was_measured_wildly_gets_no_advice) {
  ResourceUsage usage = idle_machine();
  usage.last_billed = kMonth.to - std::chrono::days(4);
  EXPECT_TRUE(advice(usage).empty());
  usage = idle_machine();
  usage.effective_cost = base::Decimal(-5);
  EXPECT_TRUE(advice(usage).empty());
  usage = idle_machine();
  usage.cpu_percent_average = std::nan("");
  EXPECT_TRUE(advice(usage).empty());
}

TEST(Rules, ids_are_stable_and_tell_customer_type_and_resource_apart) {
  const auto id = recommendation_id("acme", RecommendationType::rightsize, "i-1");
  EXPECT_EQ(id, "6f16147db250a54b") << "an id that changes makes every old recommendation a new one";
  EXPECT_THAT(id, testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(id, recommendation_id("acme", RecommendationType::idle_resource, "i-1"));
  EXPECT_NE(id, recommendation_id("acme", RecommendationType::rightsize, "i-2"));
  EXPECT_NE(recommendation_id("ab", RecommendationType::rightsize, "c"),
            recommendation_id("a", RecommendationType::rightsize, "bc"));
}

TEST(Rules, the_largest_savings_come_first) {
  std::vector<ResourceUsage> usages{oversized_machine(), idle_machine()};
  usages[1].resource_id = "i-2";
  const auto found = recommend("acme", usages, kMonth, kNow);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].resource_id, "i-2");
}

}  // namespace
}  // namespace costagent
