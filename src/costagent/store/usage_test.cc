// How much was used of what, read from any store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/store/fact_contract_test.h"

namespace costagent {
namespace {

using UsageTest = FactContractTest;

INSTANTIATE_TEST_SUITE_P(on, UsageTest, every_store(), name_of_kind);

Charge used(const char* date, const char* resource, const char* cost, const char* quantity) {
  Charge used = charge(date, "EC2", resource, cost);
  used.usage_type = "BoxUsage:m5.large";
  used.sku_id = "SKU-1";
  used.consumed_unit = "Hours";
  used.consumed_quantity = number(quantity);
  return used;
}

std::string told(FactStore& facts, const char* from, const char* to) {
  const auto totals = facts.usage({"acme", {day(from), day(to)}});
  EXPECT_TRUE(totals) << totals.error().message;
  std::vector<std::string> lines;
  for (const UsageTotal& total : *totals)
    lines.push_back(fmt::format("{} {} {} {} {} {} {}{}", total.service, total.usage_type, total.sku, total.unit,
                                total.currency, total.cost, total.quantity, total.complete ? "" : " incomplete"));
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

TEST_P(UsageTest, sums_whatever_is_bought_over_its_users_by_days_and_by_months) {
  take_in("bill", {used("2025-01-31", "vm-1", "1", "10"), used("2025-02-03", "vm-1", "2", "20"),
                   used("2025-02-03", "vm-1", "0", "0.5"), used("2025-02-03", "vm-2", "4", "40"),
                   used("2025-03-01", "vm-1", "8", "80")});
  EXPECT_EQ(told(facts(), "2025-02-01", "2025-03-01"), "EC2 BoxUsage:m5.large SKU-1 Hours USD 6 60.5") << "a month";
  EXPECT_EQ(told(facts(), "2025-02-02", "2025-02-10"), "EC2 BoxUsage:m5.large SKU-1 Hours USD 6 60.5") << "days";
  EXPECT_EQ(told(facts(), "2025-01-31", "2025-03-02"), "EC2 BoxUsage:m5.large SKU-1 Hours USD 15 150.5") << "both";
  EXPECT_EQ(told(facts(), "2025-04-01", "2025-05-01"), "");
}

TEST_P(UsageTest, what_is_no_use_has_a_cost_and_no_quantity) {
  Charge tax = used("2025-02-03", "vm-1", "1", "5");
  tax.category = ChargeCategory::tax;
  Charge unused = used("2025-02-03", "vm-1", "2", "7");
  unused.commitment_id = "r-1";
  unused.commitment_status = "Unused";
  take_in("bill", {used("2025-02-03", "vm-1", "4", "40"), tax, unused});
  EXPECT_EQ(told(facts(), "2025-02-01", "2025-03-01"), "EC2 BoxUsage:m5.large SKU-1 Hours USD 7 40");
}

TEST_P(UsageTest, what_was_replaced_is_not_used) {
  const auto month = [](const char* quantity) {
    std::vector<Charge> charges;
    for (int i = 1; i <= 28; ++i)
      charges.push_back(used(fmt::format("2025-02-{:02}", i).c_str(), "vm-1", "1", quantity));
    return charges;
  };
  take_in("first", month("10"));
  take_in("anew", month("20"), "acme", Restatement::replace);
  EXPECT_EQ(told(facts(), "2025-02-01", "2025-03-01"), "EC2 BoxUsage:m5.large SKU-1 Hours USD 28 560");
}

TEST_P(UsageTest, more_than_may_be_is_refused) {
  take_in("bill", {used("2025-02-03", "vm-1", "4", "40"), charge("2025-02-03", "S3", "bucket", "1")});
  const auto totals = facts().usage({"acme", {day("2025-02-01"), day("2025-03-01")}, {}, 1});
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().kind, base::ErrorKind::too_large);
}

}  // namespace
}  // namespace costagent
