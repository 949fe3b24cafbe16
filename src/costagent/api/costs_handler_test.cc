// Costs, asked over a real socket of a real store.
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace json = boost::json;

TEST_F(ApiTest, costs_are_exact_and_default_to_the_last_90_days) {
  take_in();
  auto costs = get("/costs?customer_id=acme");
  EXPECT_EQ(costs.at("start_date"), "2025-01-31");
  EXPECT_EQ(costs.at("end_date"), "2025-04-30");
  const auto& total = costs.at("total").as_array().at(0).as_object();
  EXPECT_EQ(total.at("effective_cost"), "1138.9");  // 90 × 12.60 + 4.90
  EXPECT_EQ(total.at("currency"), "USD");
  EXPECT_EQ(costs.at("costs").as_array().size(), 1u);

  costs = get("/costs?customer_id=acme&start_date=2025-04-11&end_date=2025-04-11&group_by=service%2Cregion");
  const auto& rows = costs.at("costs").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("service"), "EC2");
  EXPECT_EQ(rows[0].at("billed_cost"), "12.5");
  EXPECT_EQ(rows[1].at("service"), "S3");
  EXPECT_EQ(rows[1].at("region"), "eu-west-1");
  EXPECT_EQ(rows[1].at("billed_cost"), "5");
}

TEST_F(ApiTest, costs_come_in_pages_that_hold_everything_once) {
  take_in();
  std::string cursor;
  base::Decimal sum;
  int rows = 0;
  do {
    const auto page = get("/costs?customer_id=acme&granularity=daily&group_by=resource&limit=50&cursor=" + cursor);
    EXPECT_LE(page.at("costs").as_array().size(), 50u);
    EXPECT_EQ(page.at("total").as_array()[0].at("billed_cost"), "1138.9") << "of everything, whatever the page";
    for (const auto& row : page.at("costs").as_array()) {
      ++rows;
      sum += base::Decimal::parse(std::string(row.at("billed_cost").as_string())).value();
    }
    cursor = page.at("next_cursor").is_null() ? "" : std::string(page.at("next_cursor").as_string());
  } while (!cursor.empty());
  EXPECT_EQ(rows, 270);
  EXPECT_EQ(sum.to_string(), "1138.9");
}

TEST_F(ApiTest, pages_of_bills_that_have_changed_or_of_another_question_are_refused) {
  take_in();
  const std::string question = "/costs?customer_id=acme&granularity=daily&group_by=resource&limit=2";
  const auto cursor_of = [](const json::object& page) {
    return "&cursor=" + std::string(page.at("next_cursor").as_string());
  };
  const auto refuses = [this](const std::string& target) {
    const auto error = get(target, 409);
    EXPECT_EQ(error.at("error"), "conflict");
    EXPECT_EQ(field_of(error), "cursor");
  };
  const std::string cursor = cursor_of(get(question));
  EXPECT_EQ(get(question + cursor).at("costs").as_array().size(), 2u);
  EXPECT_EQ(
      get("/costs?customer_id=acme&granularity=daily&group_by=resource&limit=3" + cursor).at("costs").as_array().size(),
      3u)
      << "how much is wanted may change";
  refuses("/costs?customer_id=acme&granularity=monthly&group_by=resource&limit=2" + cursor);
  refuses("/costs?customer_id=acme&granularity=daily&group_by=service&limit=2" + cursor);
  write(folder_ / "more.csv", kHeader + std::string("AWS,S3,eu-west-1,bucket,b,1,1,USD,Usage,2025-04-11T00:00:00Z,"
                                                    "2025-04-12T00:00:00Z,1234\n"));
  ingest(folder_ / "more.csv", Restatement::add);
  refuses(question + cursor);
  EXPECT_EQ(get(question + cursor_of(get(question))).at("costs").as_array().size(), 2u);
  for (const char* forged : {"3", "0.x", "x.y", ".", "9999999.1", "-1.1"})
    expect_bad_field(get(question + "&cursor=" + forged, 422), "cursor");
}

TEST_F(ApiTest, sums_beyond_what_one_line_may_cost_are_exact) {
  take_in();
  std::string bill = kHeader;
  for (int i = 0; i < kDays; ++i) {
    bill += fmt::format(
        "AWS,EC2,eu-west-1,i-idle,idle,999999999999999999,999999999999999999,USD,Usage,{}T00:00:00Z,{}T00:00:00Z,"
        "1234\n",
        base::format_day(day(i)), base::format_day(day(i + 1)));
  }
  write(folder_ / "large.csv", bill);
  ASSERT_EQ(ingest(folder_ / "large.csv", Restatement::add).charges, 1u * kDays);
  const auto summary = post("/analyze", R"({"customer_id":"acme","start_date":"2025-01-01","end_date":"2025-01-10"})")
                           .at("summary")
                           .at("total")
                           .as_array()[0]
                           .as_object();
  EXPECT_EQ(summary.at("effective_cost"), "10000000000000000116");
  EXPECT_EQ(summary.at("daily_average"), "1000000000000000011.6");
  EXPECT_EQ(get("/costs?customer_id=acme&start_date=2025-01-01&end_date=2025-01-10").at("total").as_array().size(), 1u);
  const auto advice = post("/recommendations", R"({"customer_id":"acme"})").at("recommendations").as_array()[0];
  EXPECT_EQ(advice.at("monthly_savings"), "30437500000000000045.66");
  EXPECT_EQ(get("/recommendations/" + std::string(advice.at("recommendation_id").as_string())), advice);
}

TEST_F(ApiTest, an_empty_filter_keeps_what_has_no_such_value) {
  take_in();
  write(folder_ / "global.csv",
        "ProviderName,ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart\n"
        "AWS,Support,7,7,USD,Usage,2025-04-01T00:00:00Z\n");
  ASSERT_EQ(ingest(folder_ / "global.csv", Restatement::add).charges, 1u);
  const auto services = [this](const std::string& query) {
    std::string named;
    const auto page = get("/costs?customer_id=acme&group_by=service&" + query);
    for (const auto& entry : page.at("costs").as_array()) named += std::string(entry.at("service").as_string()) + " ";
    return named;
  };
  EXPECT_EQ(services("region="), "Support ");
  EXPECT_EQ(services("resource="), "Support ");
  EXPECT_EQ(services("service="), "") << "each charge has one";
  EXPECT_EQ(services(""), "EC2 S3 Support ");
  expect_bad_field(get("/costs?customer_id=acme&provider=", 422), "provider");
}

TEST_F(ApiTest, costs_of_a_billing_period_are_the_bills_whatever_their_days) {
  const auto line = [](const char* day, const char* period, const char* cost) {
    return fmt::format("AWS,EC2,USD,Usage,{}T00:00:00Z,{}T00:00:00Z,{},{}\n", day, period, cost, cost);
  };
  write(folder_ / "late.csv",
        "ProviderName,ServiceName,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,BilledCost,"
        "EffectiveCost\n" +
            line("2024-12-31", "2025-01-01", "1") + line("2025-01-15", "2025-01-01", "2") +
            line("2025-01-31", "2025-02-01", "4") + line("2025-06-01", "2025-06-01", "8"));
  ASSERT_EQ(ingest(folder_ / "late.csv").charges, 4u);
  const auto billed = [this](const std::string& query) {
    return std::string(
        get("/costs?customer_id=acme&" + query).at("total").as_array().at(0).at("billed_cost").as_string());
  };
  EXPECT_EQ(billed("billing_period=2025-01"), "3");
  EXPECT_EQ(billed("billing_period=2025-02-01"), "4");
  EXPECT_EQ(billed("billing_period=2025-01&start_date=2025-01-01&end_date=2025-01-31"), "2");
  EXPECT_EQ(billed("start_date=2025-01-01&end_date=2025-01-31"), "6") << "kept apart from the question without it";
  EXPECT_EQ(field_of(get("/costs?customer_id=acme&billing_period=2025-03", 404)), "billing_period");
  expect_bad_field(get("/costs?customer_id=acme&billing_period=January", 422), "billing_period");
}

}  // namespace
}  // namespace costagent
