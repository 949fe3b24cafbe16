#include "costagent/ingest/focus.h"

#include <gtest/gtest.h>

#include <map>

namespace costagent {
namespace {

using Row = std::vector<std::string_view>;

// A small valid bill; tests change one field at a time.
std::map<std::string_view, std::string_view> valid() {
  return {{"BilledCost", "12.5"},
          {"EffectiveCost", "10"},
          {"BillingCurrency", "USD"},
          {"ChargeCategory", "Usage"},
          {"ChargePeriodStart", "2024-09-18 22:00:00"},
          {"ChargePeriodEnd", "2024-09-18T23:00:00Z"},
          {"ServiceName", "EC2"},
          {"ProviderName", "AWS"},
          {"RegionId", "us-east-1"},
          {"ResourceId", "NULL"},
          {"ListCost", "1.25E-7"},
          {"ConsumedQuantity", ""}};
}

struct Parsed {
  std::optional<LineProblem> problem;
  Charge charge;
};

Parsed parse(const std::map<std::string_view, std::string_view>& row) {
  Row header;
  Row fields;
  for (const auto& [name, value] : row) {
    header.push_back(name);
    fields.push_back(value);
  }
  auto parser = FocusParser::create(header);
  EXPECT_TRUE(parser) << parser.error().message;
  Parsed parsed;
  parsed.problem = parser->parse(fields, parsed.charge);
  return parsed;
}

TEST(Focus, reads_columns_by_name) {
  const auto [problem, charge] = parse(valid());
  ASSERT_FALSE(problem) << problem->message;
  EXPECT_EQ(charge.provider, "AWS");
  EXPECT_EQ(charge.service, "EC2");
  EXPECT_EQ(charge.region, "us-east-1");
  EXPECT_EQ(charge.resource_id, "") << "NULL is nothing";
  EXPECT_EQ(charge.billed_cost.to_string(), "12.5");
  EXPECT_EQ(charge.list_cost.to_string(), "0.000000125");
  EXPECT_EQ(base::format_time(charge.period_start), "2024-09-18T22:00:00Z");
  EXPECT_EQ(base::format_time(charge.period_end), "2024-09-18T23:00:00Z");
  EXPECT_EQ(base::format_time(charge.billing_period_start), "2024-09-01T00:00:00Z");
}

TEST(Focus, newer_versions_names_are_known) {
  auto row = valid();
  row.erase("ProviderName");
  row["ServiceProviderName"] = "Snowflake";
  row["HostProviderName"] = "AWS";
  EXPECT_EQ(parse(row).charge.provider, "Snowflake");
}

TEST(Focus, an_empty_new_name_leaves_the_old_one_to_say_it) {
  auto row = valid();
  row["ServiceProviderName"] = "NULL";
  EXPECT_EQ(parse(row).charge.provider, "AWS");
  row["ProviderName"] = "";
  row["InvoiceIssuerName"] = "Reseller";
  EXPECT_EQ(parse(row).charge.provider, "Reseller");
}

TEST(Focus, money_is_booked_though_nothing_names_the_provider_or_its_kind) {
  auto row = valid();
  row["ProviderName"] = "NULL";
  row["ChargeCategory"] = "Gift";
  const auto [problem, charge] = parse(row);
  ASSERT_FALSE(problem) << problem->message;
  EXPECT_EQ(charge.provider, "unknown");
  EXPECT_EQ(charge.category, ChargeCategory::adjustment);
  EXPECT_EQ(charge.billed_cost.to_string(), "12.5");
}

TEST(Focus, costs_that_are_missing_are_the_billed_one) {
  auto row = valid();
  row["EffectiveCost"] = "NULL";
  row["ListCost"] = "";
  const auto [problem, charge] = parse(row);
  ASSERT_FALSE(problem) << problem->message;
  EXPECT_EQ(charge.effective_cost.to_string(), "12.5");
  EXPECT_EQ(charge.list_cost.to_string(), "12.5");
  EXPECT_EQ(charge.contracted_cost.to_string(), "12.5");
}

TEST(Focus, a_quantity_that_cannot_be_held_costs_no_money) {
  auto row = valid();
  row["ConsumedQuantity"] = "2592000000000000000000.5";
  EXPECT_EQ(parse(row).charge.consumed_quantity.to_string(), "2592000000000000000000.5") << "byte-seconds";
  for (const char* text : {"1.6940658945086007E-21", "1e30", "-1e35", "1e300", "1e999"}) {
    row["ConsumedQuantity"] = text;
    const auto [problem, charge] = parse(row);
    ASSERT_FALSE(problem) << text << ": " << problem->message;
    EXPECT_EQ(charge.consumed_quantity.to_string(), "0") << text;
    EXPECT_EQ(charge.billed_cost.to_string(), "12.5");
  }
}

TEST(Focus, what_is_no_money_costs_none_where_it_is_no_number) {
  auto row = valid();
  row["ListUnitPrice"] = "much";
  row["BillingCurrency"] = "usd";
  for (const auto& [text, quantity] : {std::pair("x", "0"), std::pair(" 5 ", "5"), std::pair("nan", "0")}) {
    row["ConsumedQuantity"] = text;
    const auto [problem, charge] = parse(row);
    ASSERT_FALSE(problem) << text << ": " << problem->message;
    EXPECT_EQ(charge.consumed_quantity.to_string(), quantity) << text;
    EXPECT_EQ(charge.billed_cost.to_string(), "12.5");
    EXPECT_EQ(charge.currency, "USD");
    EXPECT_FALSE(charge.list_unit_price);
  }
}

TEST(Focus, the_usage_type_is_the_meter_or_what_exports_had_before_it) {
  auto row = valid();
  row["x_UsageType"] = "USW2-BoxUsage";
  EXPECT_EQ(parse(row).charge.usage_type, "USW2-BoxUsage");
  row["SkuMeter"] = "Box usage";
  EXPECT_EQ(parse(row).charge.usage_type, "Box usage");
}

TEST(Focus, tags_are_one_object) {
  auto row = valid();
  row["Tags"] = R"([{"key":"team","value":"web"}])";
  EXPECT_EQ(parse(row).charge.tags, R"({"team":"web"})");
}

TEST(Focus, times_of_every_export_are_read) {
  for (const char* text : {"2024-09-18T22:00:00Z", "2024-09-18T22:00:00.000Z", "2024-09-18T22:00:00+00:00",
                           "2024-09-18 22:00:00 UTC", "2024-09-19T00:00:00+02:00", "2024-09-18 22:00:00.123456 UTC"}) {
    auto row = valid();
    row["ChargePeriodStart"] = text;
    const auto [problem, charge] = parse(row);
    ASSERT_FALSE(problem) << text << ": " << problem->message;
    EXPECT_EQ(base::format_time(charge.period_start), "2024-09-18T22:00:00Z") << text;
  }
}

TEST(Focus, a_charge_for_no_service_counts) {
  auto row = valid();
  row["ServiceName"] = "";
  const auto [problem, charge] = parse(row);
  EXPECT_FALSE(problem);
  EXPECT_EQ(charge.service, "");
  EXPECT_EQ(charge.billed_cost.to_string(), "12.5");
}

TEST(Focus, as_many_tags_as_a_cloud_allows_are_read) {
  std::string tags = R"({"a":")" + std::string(std::size_t{50} * (512 + 256) * 3, 'x') + R"("})";
  auto row = valid();
  row["Tags"] = tags;
  const auto [problem, charge] = parse(row);
  EXPECT_FALSE(problem);
  EXPECT_EQ(charge.tags, tags);
  tags.resize(std::size_t{128} * 1024 + 1, 'x');
  row["Tags"] = tags;
  const auto too_long = parse(row);
  ASSERT_TRUE(too_long.problem);
  EXPECT_EQ(too_long.problem->column_name, "Tags");
}

TEST(Focus, letter_case_of_names_and_categories_does_not_matter) {
  auto row = valid();
  row.erase("BilledCost");
  row[" billedcost "] = "3";
  row["ChargeCategory"] = "PURCHASE";
  const auto [problem, charge] = parse(row);
  EXPECT_FALSE(problem);
  EXPECT_EQ(charge.billed_cost.to_string(), "3");
  EXPECT_EQ(charge.category, ChargeCategory::purchase);
}

TEST(Focus, a_wrong_field_is_named_with_what_was_expected) {
  const std::pair<std::string_view, std::string_view> wrong[] = {{"BilledCost", "twelve"},
                                                                 {"BilledCost", ""},
                                                                 {"BilledCost", "NULL"},
                                                                 {"EffectiveCost", "1,5"},
                                                                 {"ListCost", "x"},
                                                                 {"ChargePeriodStart", ""},
                                                                 {"ChargePeriodStart", "yesterday"},
                                                                 {"ChargePeriodStart", "1970-01-01"},
                                                                 {"ChargePeriodEnd", "2024-09-18 21:00:00"},
                                                                 {"BillingCurrency", ""}};
  for (const auto& [column, value] : wrong) {
    auto row = valid();
    row[column] = value;
    const auto parsed = parse(row);
    ASSERT_TRUE(parsed.problem) << column << "=" << value;
    EXPECT_EQ(parsed.problem->column_name, column);
    EXPECT_EQ(parsed.problem->column, static_cast<std::size_t>(std::distance(row.begin(), row.find(column)))) << column;
    EXPECT_FALSE(parsed.problem->message.empty());
  }
}

TEST(Focus, a_line_of_another_length_is_refused) {
  const Row header = {"BilledCost",        "EffectiveCost", "BillingCurrency", "ChargeCategory",
                      "ChargePeriodStart", "ServiceName",   "ProviderName"};
  auto parser = FocusParser::create(header).value();
  Charge charge;
  const auto problem = parser.parse(Row{"1", "2"}, charge);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->message, "it has 2 fields where the header has 7");
}

TEST(Focus, missing_columns_are_all_named_with_what_may_be_meant) {
  const auto parser = FocusParser::create(
      Row{"BilledCosts", "EffectiveCost", "BillingCurrency", "ChargeCategory", "ServiceName", "ProviderName"});
  ASSERT_FALSE(parser);
  EXPECT_EQ(parser.error().message,
            "its first line lacks these columns: ChargePeriodStart, BilledCost (is it 'BilledCosts'?)");
}

TEST(Focus, other_spellings_of_a_column_are_known_but_its_own_comes_first) {
  auto row = valid();
  row.erase("BilledCost");
  row["billed_cost"] = "4";
  EXPECT_EQ(parse(row).charge.billed_cost.to_string(), "4");
  row["BilledCost"] = "5";
  EXPECT_EQ(parse(row).charge.billed_cost.to_string(), "5");
}

TEST(Focus, a_column_that_stands_twice_is_refused) {
  const auto parser = FocusParser::create(Row{"BilledCost", "EffectiveCost", "billedcost"});
  ASSERT_FALSE(parser);
  EXPECT_EQ(parser.error().message, "the column 'billedcost' stands in the header twice");
}

}  // namespace
}  // namespace costagent
