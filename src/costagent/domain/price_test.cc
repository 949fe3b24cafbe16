#include "costagent/domain/price.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

base::Decimal number(std::string_view text) { return base::Decimal::parse(text).value(); }

Charge usage(const char* quantity, const char* list, const char* contracted) {
  Charge charge;
  charge.consumed_unit = "Hours";
  charge.consumed_quantity = number(quantity);
  charge.list_cost = number(list);
  charge.contracted_cost = number(contracted);
  return charge;
}

TEST(UnitPrices, are_those_of_the_bill) {
  Charge charge = usage("3", "1", "1");
  charge.has_unit_prices = true;
  charge.pricing_unit = "1M Requests";
  charge.list_unit_price = number("0.4");
  const auto prices = unit_prices_of(charge);
  ASSERT_TRUE(prices);
  EXPECT_EQ(prices->unit, "1M Requests");
  EXPECT_EQ(prices->list, number("0.4"));
  EXPECT_FALSE(prices->contracted);
}

TEST(UnitPrices, are_what_cost_by_quantity_comes_to_if_that_is_exact) {
  const Charge charge = usage("2.5", "0.24", "1");
  const auto prices = unit_prices_of(charge);
  ASSERT_TRUE(prices);
  EXPECT_EQ(prices->unit, "Hours");
  EXPECT_EQ(prices->list, number("0.096"));
  EXPECT_EQ(prices->contracted, number("0.4"));
  EXPECT_FALSE(unit_prices_of(usage("3", "1", "2"))) << "a third has no last digit";
  EXPECT_EQ(unit_prices_of(usage("730", "90082.0", "1"))->list, number("123.4"));
  EXPECT_FALSE(unit_prices_of(usage("0", "1", "1")));
}

TEST(UnitPrices, are_not_made_up_where_the_bill_has_columns_for_them) {
  Charge charge = usage("2", "1", "1");
  charge.has_unit_prices = true;
  EXPECT_FALSE(unit_prices_of(charge));
}

TEST(UnitPrices, are_of_usage_alone) {
  Charge charge = usage("2", "1", "1");
  charge.charge_class = "Correction";
  EXPECT_FALSE(unit_prices_of(charge));
  charge = usage("2", "1", "1");
  charge.category = ChargeCategory::purchase;
  EXPECT_FALSE(unit_prices_of(charge));
}

}  // namespace
}  // namespace costagent
