// Commitments, prices and resources, and what any question about facts may not say, asked over a real socket of a real
// store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

// Two hours of two machines, of which one is reserved, and an hour of the reservation that nobody used.
std::string committed_bill() {
  std::string text =
      "ProviderName,ServiceName,ServiceCategory,RegionId,ResourceId,ResourceType,SkuId,SkuMeter,PricingCategory,"
      "CommitmentDiscountId,CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,PricingUnit,ListUnitPrice,"
      "ContractedUnitPrice,BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargeCategory,"
      "ChargePeriodStart,ChargePeriodEnd,SubAccountId,Tags\n";
  const auto line = [&](int hour, const char* resource, const char* commitment, const char* costs) {
    text += fmt::format(
        "AWS,EC2,Compute,eu-west-1,{},Instance,SKU1,BoxUsage,{},1,Hours,Hours,0.1,0.09,{},USD,Usage,"
        "2025-05-01T{:02}:00:00Z,2025-05-01T{:02}:00:00Z,1234,\"{{\"\"team\"\": \"\"web\"\"}}\"\n",
        resource, commitment, costs, hour, hour + 1);
  };
  for (int hour = 0; hour < 2; ++hour) {
    line(hour, "i-paid", "Standard,,", "0.09,0.09,0.1,0.09");
    line(hour, "i-reserved", "Committed,ri-1,Used", "0,0.06,0.1,0.09");
  }
  line(2, "", "Committed,ri-1,Unused", "0,0.04,0.1,0.09");
  return text;
}

TEST_F(ApiTest, commitments_tell_how_much_is_covered_and_used) {
  write(root_ / "committed.csv", committed_bill());
  ASSERT_EQ(ingest(root_ / "committed.csv").charges, 5u);
  auto answer = get("/costs/commitments?customer_id=acme");
  auto rows = answer.at("commitments").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("commitment"), "");
  EXPECT_EQ(rows[0].at("on_demand").at("billed_cost"), "0.18");
  EXPECT_TRUE(rows[0].at("utilisation_percent").is_null());
  EXPECT_EQ(rows[1].at("commitment"), "ri-1");
  EXPECT_EQ(rows[1].at("used").at("effective_cost"), "0.12");
  EXPECT_EQ(rows[1].at("unused").at("effective_cost"), "0.04");
  EXPECT_DOUBLE_EQ(rows[1].at("utilisation_percent").to_number<double>(), 75);
  const auto& total = answer.at("total").as_array().at(0);
  EXPECT_DOUBLE_EQ(total.at("coverage_percent").to_number<double>(), 50);
  EXPECT_EQ(total.at("quantities").as_array().at(0).at("unused"), "1");

  answer = get("/costs/commitments?customer_id=acme&granularity=hourly&group_by=service&limit=2");
  rows = answer.at("commitments").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("hour"), "2025-05-01T00:00:00Z");
  EXPECT_EQ(rows[1].at("service"), "EC2");
  EXPECT_TRUE(answer.at("next_cursor").as_string().starts_with("2."));
  const auto bad = [&](const char* more, const char* field) {
    expect_bad_field(get(std::string("/costs/commitments?customer_id=acme&") + more, 422), field);
  };
  bad("group_by=sku", "group_by");
  bad("granularity=weekly", "granularity");
  bad("granularity=hourly&start_date=2025-01-01&end_date=2025-02-01", "start_date");
}

TEST_F(ApiTest, prices_and_resources_are_listed_and_filtered) {
  take_in();
  write(root_ / "committed.csv", committed_bill());
  ingest(root_ / "committed.csv");
  const auto prices = get("/prices?customer_id=acme&sku=SKU1&pricing_category=Standard").at("prices").as_array();
  ASSERT_EQ(prices.size(), 1u);
  EXPECT_EQ(prices[0].at("list_unit_price"), "0.1");
  EXPECT_EQ(prices[0].at("contracted_unit_price"), "0.09");
  EXPECT_EQ(prices[0].at("unit"), "Hours");
  EXPECT_EQ(prices[0].at("first_seen"), "2025-05-01");
  EXPECT_TRUE(get("/prices?customer_id=acme&region=nowhere").at("prices").as_array().empty());

  std::set<std::string> seen;
  std::string cursor;
  do {
    const auto page = get("/resources?customer_id=acme&limit=2&cursor=" + cursor);
    for (const auto& row : page.at("resources").as_array())
      EXPECT_TRUE(seen.insert(std::string(row.at("resource_id").as_string())).second);
    cursor = page.at("next_cursor").is_null() ? "" : std::string(page.at("next_cursor").as_string());
  } while (!cursor.empty());
  EXPECT_EQ(seen, (std::set<std::string>{"i-busy", "i-idle", "bucket", "i-paid", "i-reserved"}));
  const auto tagged = get("/resources?customer_id=acme&tag:team=web&resource=i-paid").at("resources").as_array();
  ASSERT_EQ(tagged.size(), 1u);
  EXPECT_EQ(tagged[0].at("tags").at("team"), "web");
  EXPECT_EQ(tagged[0].at("type"), "Instance");
  EXPECT_EQ(tagged[0].at("last_billed"), "2025-05-01");
  expect_bad_field(get("/resources?customer_id=acme&cursor=x", 422), "cursor");
  expect_bad_field(get("/prices?customer_id=acme&resource=x", 422), "resource");
}

TEST_F(ApiTest, bad_parameters_are_named) {
  take_in();
  const std::pair<const char*, const char*> wrong[] = {
      {"", "customer_id"},
      {"customer_id=a%20b", "customer_id"},
      {"customer_id=acme&start_date=2025-02-30", "start_date"},
      {"customer_id=acme&end_date=yesterday", "end_date"},
      {"customer_id=acme&start_date=2025-02-02&end_date=2025-02-01", "start_date"},
      {"customer_id=acme&start_date=2020-01-01&end_date=2025-01-01", "end_date"},
      {"customer_id=acme&start_date=0001-01-01", "start_date"},
      {"customer_id=acme&group_by=service,colour", "group_by"},
      {"customer_id=acme&granularity=hourly", "granularity"},
      {"customer_id=acme&limit=51", "limit"},
      {"customer_id=acme&limit=0", "limit"},
      {"customer_id=acme&limit=1e3", "limit"},
      {"customer_id=acme&limit=99999999999999999999", "limit"},
      {"customer_id=acme&cursor=-1", "cursor"},
      {"customer_id=acme&cursor=abc", "cursor"},
      {"customer_id=acme&customer_id=other", "customer_id"},
      {"customer_id=acme&granularty=daily", "granularty"},
  };
  for (const auto& [query, field] : wrong) expect_bad_field(get(std::string("/costs?") + query, 422), field);
  EXPECT_THAT(json::serialize(get("/costs?customer_id=acme&granularty=daily", 422)),
              HasSubstr("did you mean 'granularity'"));
  EXPECT_TRUE(get("/costs?customer_id=acme&tag:%00=x").at("costs").as_array().empty()) << "a name is not cut at a NUL";
  EXPECT_EQ(get("/costs?customer_id=%zz", 400).at("error"), "invalid_request");
}

TEST_F(ApiTest, an_unknown_customer_is_named_everywhere) {
  for (const auto& error : {get("/costs?customer_id=nobody", 404), post("/analyze", R"({"customer_id":"nobody"})", 404),
                            post("/recommendations", R"({"customer_id":"nobody"})", 404)}) {
    EXPECT_EQ(error.at("error"), "not_found");
    EXPECT_EQ(field_of(error), "customer_id");
  }
}

}  // namespace
}  // namespace costagent
