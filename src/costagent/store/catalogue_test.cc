// Prices and the inventory, on every store.
#include <gtest/gtest.h>

#include <set>

#include "costagent/store/fact_contract_test.h"

namespace costagent {
namespace {

Charge priced(const char* date, const char* sku, const char* list, const char* contracted = nullptr) {
  Charge priced = charge(date, "EC2", "vm", "1");
  priced.sku_id = sku;
  priced.pricing_category = "Standard";
  priced.has_unit_prices = true;
  priced.pricing_unit = "Hours";
  if (list != nullptr) priced.list_unit_price = number(list);
  if (contracted != nullptr) priced.contracted_unit_price = number(contracted);
  return priced;
}

class CatalogueTest : public FactContractTest {
 protected:
  PriceQuery all_prices() const { return {"acme", {day("2020-01-01"), day("2030-01-01")}}; }
  InventoryQuery all_resources() const { return {"acme", {day("2020-01-01"), day("2030-01-01")}}; }

  // `sku list/contracted first..last`, one a line.
  std::string prices(const PriceQuery& query) {
    const auto page = facts().prices(query);
    if (!page) return page.error().message;
    std::string text;
    const auto shown = [](const std::optional<base::Decimal>& of) { return of ? of->to_string() : "?"; };
    for (const Price& price : page->prices)
      text += fmt::format("{} {}/{} {}..{}\n", price.sku, shown(price.list), shown(price.contracted),
                          base::format_day(price.first_seen), base::format_day(price.last_seen));
    return text;
  }
  std::vector<std::string> resources(const InventoryQuery& query) {
    std::vector<std::string> ids;
    const auto page = facts().inventory(query);
    EXPECT_TRUE(page) << page.error().message;
    for (const InventoryItem& item : page->items) ids.push_back(item.resource_id);
    return ids;
  }
};

TEST_P(CatalogueTest, a_price_that_changes_is_another_one_with_days_of_its_own) {
  take_in("one", {priced("2025-01-01", "A", "0.10", "0.08"), priced("2025-01-20", "A", "0.12", "0.08"),
                  priced("2025-01-09", "A", "0.1", "0.08"), priced("2025-01-05", "B", "7")});
  take_in("two", {priced("2025-02-03", "A", "0.12", "0.080")});
  EXPECT_EQ(prices(all_prices()),
            "A 0.1/0.08 2025-01-01..2025-01-09\n"
            "A 0.12/0.08 2025-01-20..2025-02-03\n"
            "B 7/? 2025-01-05..2025-01-05\n");
  const auto first = facts().prices(all_prices()).value().prices.at(0);
  EXPECT_EQ(first.provider, "AWS");
  EXPECT_EQ(first.service, "EC2");
  EXPECT_EQ(first.region, "eu-west-1");
  EXPECT_EQ(first.unit, "Hours");
  EXPECT_EQ(first.currency, "USD");
  EXPECT_EQ(first.pricing_category, "Standard");
}

TEST_P(CatalogueTest, prices_are_filtered_and_come_in_pages) {
  std::vector<Charge> charges;
  for (int i = 0; i < 25; ++i) charges.push_back(priced("2025-01-01", fmt::format("sku-{}", i).c_str(), "0.5"));
  take_in("one", charges);
  take_in("two", {priced("2025-03-01", "sku-7", "0.6")});
  auto query = all_prices();
  query.limit = 10;
  std::set<std::string> seen;
  for (;; query.offset += 10) {
    const auto page = facts().prices(query).value();
    for (const Price& price : page.prices) EXPECT_TRUE(seen.insert(price.sku + price.list->to_string()).second);
    if (!page.more) break;
  }
  EXPECT_EQ(seen.size(), 26u);
  query = all_prices();
  query.only = {{Dimension::sku, "sku-7"}, {Dimension::provider, "aws"}};
  EXPECT_EQ(prices(query), "sku-7 0.5/? 2025-01-01..2025-01-01\nsku-7 0.6/? 2025-03-01..2025-03-01\n");
  query.period = {day("2025-02-01"), day("2025-04-01")};
  EXPECT_EQ(prices(query), "sku-7 0.6/? 2025-03-01..2025-03-01\n");
  query.only = {{Dimension::region, "us-east-1"}};
  EXPECT_EQ(prices(query), "");
}

TEST_P(CatalogueTest, prices_and_resources_go_with_the_bill_that_told_them) {
  Charge gone = priced("2025-01-02", "A", "0.10");
  gone.resource_id = "gone";
  take_in("january", {gone});
  take_in("january anew", {priced("2025-01-02", "A", "0.12")}, "acme", Restatement::by_days);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(prices(all_prices()), "A 0.12/? 2025-01-02..2025-01-02\n");
    EXPECT_EQ(resources(all_resources()), std::vector<std::string>{"vm"});
    while (facts().clear_leftovers().value()) continue;
  }
}

TEST_P(CatalogueTest, the_inventory_has_what_the_last_bill_says_and_the_days_of_all) {
  Charge before = charge("2025-01-05", "EC2", "vm", "9");
  before.tags = R"({"team":"web"})";
  Charge after = charge("2025-02-07", "EC2", "vm", "2");
  after.tags = R"({"team":"data","env":"prod"})";
  after.sub_account_id = "5678";
  Charge cheaper = charge("2025-02-07", "Data Transfer", "vm", "1");
  take_in("january", {before, charge("2025-01-02", "EC2", "vm", "1")});
  take_in("february", {cheaper, after, charge("2025-02-01", "S3", "", "3")});
  const auto page = facts().inventory(all_resources()).value();
  ASSERT_EQ(page.items.size(), 1u) << "charges without a resource are none";
  const InventoryItem& item = page.items[0];
  EXPECT_EQ(item.resource_id, "vm");
  EXPECT_EQ(item.resource_name, "name of vm");
  EXPECT_EQ(item.resource_type, "Instance");
  EXPECT_EQ(item.provider, "AWS");
  EXPECT_EQ(item.account, "5678");
  EXPECT_EQ(item.service, "EC2");
  EXPECT_EQ(item.region, "eu-west-1");
  EXPECT_EQ(item.tags, (std::map<std::string, std::string>{{"team", "data"}, {"env", "prod"}}));
  EXPECT_EQ(item.first_billed, day("2025-01-02"));
  EXPECT_EQ(item.last_billed, day("2025-02-07"));
}

TEST_P(CatalogueTest, the_inventory_is_filtered_and_comes_in_pages) {
  std::vector<Charge> charges;
  for (int i = 0; i < 23; ++i) {
    charges.push_back(charge("2025-01-01", i % 2 == 0 ? "EC2" : "RDS", fmt::format("vm-{}", i).c_str(), "1"));
    charges.back().tags = i == 4 ? R"({"team":"web"})" : "";
  }
  take_in("one", charges);
  take_in("two", {charge("2025-03-01", "EC2", "vm-5", "1")});
  auto query = all_resources();
  query.limit = 10;
  std::set<std::string> seen;
  for (int pages = 1;; ++pages) {
    const auto page = facts().inventory(query).value();
    for (const InventoryItem& item : page.items) EXPECT_TRUE(seen.insert(item.resource_id).second);
    if (!page.next) {
      EXPECT_EQ(pages, 3);
      break;
    }
    query.after = *page.next;
  }
  EXPECT_EQ(seen.size(), 23u);
  query = all_resources();
  query.only = {{Dimension::service, "RDS"}};
  EXPECT_EQ(resources(query).size(), 10u) << "one of eleven is of another service by now";
  query.only = {{Dimension::resource, "vm-9"}, {Dimension::provider, "aws"}};
  EXPECT_EQ(resources(query), std::vector<std::string>{"vm-9"});
  query.only.clear();
  query.only_tagged = {{"team", "web"}};
  EXPECT_EQ(resources(query), std::vector<std::string>{"vm-4"});
  query.only_tagged.clear();
  query.period = {day("2025-02-01"), day("2025-04-01")};
  EXPECT_EQ(resources(query), std::vector<std::string>{"vm-5"});
}

INSTANTIATE_TEST_SUITE_P(EveryStore, CatalogueTest, every_store(), name_of_kind);

}  // namespace
}  // namespace costagent
