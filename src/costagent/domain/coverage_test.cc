#include "costagent/domain/coverage.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

// Usage of a machine for an hour, at the list price.
Charge machine() {
  Charge charge;
  charge.service_category = "Compute";
  charge.pricing_category = "Standard";
  charge.consumed_unit = "Hours";
  return charge;
}

TEST(CoverageOf, usage_of_machines_by_time_could_be_covered) {
  Charge charge = machine();
  ASSERT_TRUE(coverage_of(charge));
  EXPECT_EQ(coverage_of(charge)->status, CoverageStatus::none);
  EXPECT_TRUE(coverage_of(charge)->has_quantity);
  for (const char* unit : {"Hrs", "1 Hour", "vCPU-Hours", "Lambda-GB-Second", "seconds"}) {
    charge.consumed_unit = unit;
    EXPECT_TRUE(coverage_of(charge)) << unit;
  }
  charge.consumed_unit = "GB-Mo";
  EXPECT_FALSE(coverage_of(charge));
  charge = machine();
  charge.service_category = "Networking";
  EXPECT_FALSE(coverage_of(charge));
  charge = machine();
  charge.pricing_category = "Other";
  EXPECT_FALSE(coverage_of(charge));
}

TEST(CoverageOf, without_a_service_category_the_resource_type_tells_what_computes) {
  Charge charge = machine();
  charge.service_category.clear();
  charge.resource_type = "Database Instance";
  EXPECT_TRUE(coverage_of(charge));
  charge.resource_type = "NAT Gateway";
  EXPECT_FALSE(coverage_of(charge));
}

TEST(CoverageOf, byte_seconds_are_memory_or_storage_by_what_the_meter_is_called) {
  Charge charge = machine();
  charge.service_category.clear();
  charge.consumed_unit = "byte-seconds";
  charge.usage_type = "E2 Instance Ram running in Americas";
  EXPECT_TRUE(coverage_of(charge));
  charge.usage_type = "Storage PD Capacity";
  EXPECT_FALSE(coverage_of(charge));
}

TEST(CoverageOf, what_is_committed_is_used_and_what_went_unused_says_so) {
  Charge charge;
  charge.pricing_category = "Committed";
  EXPECT_EQ(coverage_of(charge)->status, CoverageStatus::used);
  charge.commitment_status = "Unused";
  EXPECT_EQ(coverage_of(charge)->status, CoverageStatus::unused);
  EXPECT_TRUE(coverage_of(charge)->has_quantity);
  charge.category = ChargeCategory::purchase;  // a fee of AWS
  EXPECT_EQ(coverage_of(charge)->status, CoverageStatus::unused);
  EXPECT_FALSE(coverage_of(charge)->has_quantity) << "it counts what was bought";
  charge.commitment_status.clear();
  EXPECT_FALSE(coverage_of(charge)) << "what is paid ahead";
}

TEST(CoverageOf, a_negation_takes_back_money_and_no_usage) {
  Charge charge;
  charge.commitment_id = "arn:plan";
  ASSERT_TRUE(coverage_of(charge));
  EXPECT_EQ(coverage_of(charge)->status, CoverageStatus::used);
  EXPECT_FALSE(coverage_of(charge)->has_quantity);
}

TEST(Coverage, percentages_are_of_what_could_be_and_none_of_nothing) {
  Coverage coverage;
  EXPECT_FALSE(coverage.utilisation_percent());
  EXPECT_FALSE(coverage.coverage_percent());
  coverage.used.effective = base::Decimal(3);
  coverage.unused.effective = base::Decimal(1);
  coverage.used.list = base::Decimal(4);
  coverage.on_demand.list = base::Decimal(12);
  coverage.dynamic.list = base::Decimal(100);
  EXPECT_DOUBLE_EQ(coverage.utilisation_percent().value(), 75);
  EXPECT_DOUBLE_EQ(coverage.coverage_percent().value(), 25);
}

}  // namespace
}  // namespace costagent
