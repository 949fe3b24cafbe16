// What bills of each form say of prices.
#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

class UnitPricesTest : public BillFileTest {
 protected:
  // `list/contracted unit` of the bill's one charge.
  std::string prices(std::string_view text) const {
    const ReadBill bill = read(text);
    if (bill.charges.size() != 1) return bill.problems.empty() ? "no charge" : bill.problems.front();
    const Charge& charge = bill.charges.front();
    EXPECT_TRUE(charge.has_unit_prices);
    const auto shown = [](const std::optional<base::Decimal>& of) { return of ? of->to_string() : std::string("?"); };
    return fmt::format("{}/{} {}", shown(charge.list_unit_price), shown(charge.contracted_unit_price),
                       charge.pricing_unit);
  }
};

TEST_F(UnitPricesTest, of_focus) {
  EXPECT_EQ(
      prices("ChargeCategory,ChargePeriodStart,BillingCurrency,BilledCost,PricingUnit,ListUnitPrice,"
             "ContractedUnitPrice,ConsumedUnit\nUsage,2025-01-01T00:00:00Z,USD,1,1M Requests,0.4,NULL,Requests\n"),
      "0.4/? 1M Requests");
}

TEST_F(UnitPricesTest, of_focus_in_the_pricing_currency_where_that_is_the_bills) {
  const auto bill = [](const char* currency) {
    return fmt::format(
        "ChargeCategory,ChargePeriodStart,BillingCurrency,BilledCost,PricingUnit,ListUnitPrice,PricingCurrency,"
        "PricingCurrencyListUnitPrice,PricingCurrencyContractedUnitPrice\n"
        "Usage,2025-01-01T00:00:00Z,EUR,1,Hours,,{},0.4,0.3\n",
        currency);
  };
  EXPECT_EQ(prices(bill("EUR")), "0.4/0.3 Hours");
  const ReadBill other = read(bill("USD"));
  EXPECT_FALSE(other.charges.at(0).has_unit_prices) << "so that what it cost tells the price";
  EXPECT_FALSE(other.charges.at(0).list_unit_price);
  EXPECT_TRUE(other.assumes("unit prices are in a PricingCurrency that is not the bill's"));
}

TEST_F(UnitPricesTest, of_aws_where_nothing_covers_the_line) {
  const auto bill = [](const char* type) {
    return fmt::format(
        "lineItem/LineItemType,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageStartDate,"
        "lineItem/ProductCode,pricing/publicOnDemandRate,lineItem/UnblendedRate,pricing/unit\n"
        "{},0.2,USD,2023-11-01T05:00:00Z,AmazonEC2,0.1920000000,0.19,Hrs\n",
        type);
  };
  EXPECT_EQ(prices(bill("Usage")), "0.192/0.19 Hrs");
  EXPECT_EQ(prices(bill("DiscountedUsage")), "0.192/? Hrs");
}

TEST_F(UnitPricesTest, of_azure_in_the_currency_of_the_bill_alone) {
  const auto bill = [](const char* currency) {
    return fmt::format(
        "Date,CostInBillingCurrency,BillingCurrency,PricingCurrency,MeterCategory,UnitOfMeasure,Quantity,PayGPrice,"
        "UnitPrice,ChargeType\n2025-01-01,1,CAD,{},Storage,10K,2,0.5,0.4,Usage\n",
        currency);
  };
  EXPECT_EQ(prices(bill("CAD")), "0.5/0.4 10K");
  EXPECT_EQ(prices(bill("USD")), "?/? 10K");
}

TEST_F(UnitPricesTest, of_google) {
  EXPECT_EQ(prices("service.description,usage_start_time,currency,cost,price.list_price,price.effective_price,"
                   "price.unit,usage.unit\nCompute Engine,2025-01-01T00:00:00Z,USD,1,0.03,0.02,hour,seconds\n"),
            "0.03/0.02 hour");
}

TEST_F(UnitPricesTest, of_vultr) {
  EXPECT_EQ(prices("description,product,start_date,end_date,units,unit_type,unit_price,total\n"
                   "web,Cloud Compute,2025-01-01,2025-01-02,24,hours,0.007,0.168\n"),
            "0.007/0.007 hours");
}

}  // namespace
}  // namespace costagent
