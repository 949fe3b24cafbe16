#include "costagent/ingest/aws_cur.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

using Row = std::vector<std::pair<std::string_view, std::string_view>>;

// A file of these columns and lines; fields without commas or quotes.
std::string csv(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    for (const auto& [name, value] : row) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string text;
  for (const std::string_view name : names) text += std::string(text.empty() ? "" : ",") + std::string(name);
  for (const Row& row : rows) {
    std::string line;
    for (const std::string_view wanted : names) {
      if (wanted != names.front()) line += ',';
      for (const auto& [name, value] : row) {
        if (name == wanted) line += value;
      }
    }
    text += "\n" + line;
  }
  return text + "\n";
}

// A line of that type and unblended cost, with more.
Row line(std::string_view type, std::string_view cost, const Row& more = {}) {
  Row row = {{"lineItem/LineItemType", type},
             {"lineItem/UnblendedCost", cost},
             {"lineItem/CurrencyCode", "USD"},
             {"lineItem/UsageStartDate", "2023-11-01T05:00:00.000Z"},
             {"lineItem/UsageEndDate", "2023-11-01T06:00:00.000Z"},
             {"lineItem/ProductCode", "AmazonEC2"},
             {"lineItem/UsageAccountId", "222"},
             {"bill/PayerAccountId", "111"},
             {"reservation/EffectiveCost", ""},
             {"reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", ""},
             {"reservation/UnusedRecurringFee", ""},
             {"reservation/ReservationARN", ""},
             {"savingsPlan/SavingsPlanARN", ""},
             {"savingsPlan/SavingsPlanEffectiveCost", ""},
             {"savingsPlan/TotalCommitmentToDate", ""},
             {"savingsPlan/UsedCommitment", ""},
             {"pricing/publicOnDemandCost", ""}};
  for (const auto& [name, value] : more) {
    const auto found = std::find_if(row.begin(), row.end(), [n = name](const auto& field) { return field.first == n; });
    if (found != row.end()) {
      found->second = value;
    } else {
      row.emplace_back(name, value);
    }
  }
  return row;
}

using AwsCurTest = BillFileTest;

TEST_F(AwsCurTest, a_line_is_told_in_the_terms_of_focus) {
  const ReadBill bill = read(csv({line("Usage", "1.25E-7",
                                       {{"product/ProductName", "Amazon Elastic Compute Cloud"},
                                        {"product/regionCode", "us-east-1"},
                                        {"lineItem/UsageType", "BoxUsage:t3.micro"},
                                        {"lineItem/ResourceId", "i-1"},
                                        {"lineItem/UsageAmount", "0.5"},
                                        {"pricing/unit", "Hrs"},
                                        {"pricing/term", "OnDemand"},
                                        {"pricing/publicOnDemandCost", "0.2"},
                                        {"resourceTags/user:Team", "web"},
                                        {"resourceTags/aws:createdBy", "root"},
                                        {"resourceTags/user:None", ""}})}));
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(bill.format, "AWS CUR (legacy)");
  EXPECT_EQ(charge.provider, "AWS");
  EXPECT_EQ(charge.billing_account_id, "111");
  EXPECT_EQ(charge.sub_account_id, "222");
  EXPECT_EQ(charge.service, "Amazon Elastic Compute Cloud");
  EXPECT_EQ(charge.region, "us-east-1");
  EXPECT_EQ(charge.usage_type, "BoxUsage:t3.micro");
  EXPECT_EQ(charge.resource_id, "i-1");
  EXPECT_EQ(charge.consumed_quantity.to_string(), "0.5");
  EXPECT_EQ(charge.pricing_category, "Standard");
  EXPECT_EQ(charge.billed_cost.to_string(), "0.000000125");
  EXPECT_EQ(charge.list_cost.to_string(), "0.2");
  EXPECT_EQ(charge.tags, R"({"Team":"web","aws:createdBy":"root"})");
  EXPECT_EQ(base::format_time(charge.period_start), "2023-11-01T05:00:00Z");
  EXPECT_EQ(base::format_time(charge.billing_period_start), "2023-11-01T00:00:00Z");
}

// The numbers of a month: a reservation of 10 a month, a plan that pays 6 of which 1 is unused, and usage on demand.
TEST_F(AwsCurTest, amortised_cost_is_exact_by_the_type_of_line) {
  const Row plan = {{"savingsPlan/SavingsPlanARN", "arn:sp"}};
  const auto with = [](Row row, const Row& more) {
    row.insert(row.end(), more.begin(), more.end());
    return row;
  };
  const ReadBill bill = read(csv({
      line("Usage", "3"),
      line("DiscountedUsage", "0",
           {{"reservation/ReservationARN", "arn:ri"},
            {"reservation/EffectiveCost", "8.5"},
            {"pricing/publicOnDemandCost", "12"}}),
      line("RIFee", "4",
           {{"reservation/ReservationARN", "arn:ri"},
            {"reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "1.25"},
            {"reservation/UnusedRecurringFee", "0.25"}}),
      line("Fee", "6", {{"reservation/ReservationARN", "arn:ri"}}),
      line("Fee", "7"),
      line("SavingsPlanCoveredUsage", "9", with(plan, {{"savingsPlan/SavingsPlanEffectiveCost", "5"}})),
      line("SavingsPlanNegation", "-9", plan),
      line("SavingsPlanRecurringFee", "6",
           with(plan, {{"savingsPlan/TotalCommitmentToDate", "6"}, {"savingsPlan/UsedCommitment", "5"}})),
      line("SavingsPlanUpfrontFee", "100", plan),
      line("Tax", "2"),
      line("Credit", "-1"),
      line("Refund", "-0.5"),
      line("EdpDiscount", "-0.25"),
  }));
  ASSERT_EQ(bill.charges.size(), 13u) << bill.problems.front();
  std::vector<std::string> effective;
  for (const Charge& charge : bill.charges) effective.push_back(charge.effective_cost.to_string());
  EXPECT_EQ(effective,
            (std::vector<std::string>{"3", "8.5", "1.5", "0", "7", "5", "0", "1", "0", "2", "-1", "-0.5", "-0.25"}));
  EXPECT_EQ(bill.billed.to_string(), "126.25") << "the sum of unblended costs";
  EXPECT_EQ(bill.charges[1].commitment_id, "arn:ri");
  EXPECT_EQ(bill.charges[1].commitment_status, "Used");
  EXPECT_EQ(bill.charges[1].list_cost.to_string(), "12");
  EXPECT_EQ(bill.charges[2].commitment_status, "Unused");
  EXPECT_EQ(bill.charges[5].pricing_category, "Committed");
  EXPECT_EQ(bill.charges[6].list_cost.to_string(), "0") << "what it takes back is no usage";
  EXPECT_EQ(bill.charges[6].category, ChargeCategory::usage);
  EXPECT_EQ(bill.charges[7].category, ChargeCategory::purchase);
  EXPECT_EQ(bill.charges[9].category, ChargeCategory::tax);
  EXPECT_EQ(bill.charges[10].category, ChargeCategory::credit);
  EXPECT_EQ(bill.charges[11].category, ChargeCategory::adjustment);
  EXPECT_EQ(bill.charges[11].charge_class, "Correction");
  EXPECT_EQ(bill.charges[12].category, ChargeCategory::credit);
}

TEST_F(AwsCurTest, net_costs_come_first_and_then_discounts_are_in_them) {
  const ReadBill bill = read(csv({
      line("Usage", "10", {{"lineItem/NetUnblendedCost", "9"}}),
      line("EdpDiscount", "-1", {{"lineItem/NetUnblendedCost", ""}}),
      line("Tax", "2", {{"lineItem/NetUnblendedCost", ""}}),
      line("DiscountedUsage", "0",
           {{"lineItem/NetUnblendedCost", "0"},
            {"reservation/EffectiveCost", "5"},
            {"reservation/NetEffectiveCost", "4.5"}}),
      line("SavingsPlanCoveredUsage", "8",
           {{"lineItem/NetUnblendedCost", "8"},
            {"savingsPlan/SavingsPlanEffectiveCost", "6"},
            {"savingsPlan/NetSavingsPlanEffectiveCost", "5.5"}}),
      line("SavingsPlanNegation", "-8", {{"lineItem/NetUnblendedCost", "-8"}}),
  }));
  ASSERT_EQ(bill.charges.size(), 6u);
  EXPECT_EQ(bill.billed.to_string(), "11") << "9 and 2 of tax";
  EXPECT_EQ(bill.effective.to_string(), "21") << "9, 2, 4.5 and 5.5";
}

TEST_F(AwsCurTest, without_the_columns_nothing_is_amortised_and_that_is_told) {
  Row covered = line("SavingsPlanCoveredUsage", "9");
  Row negation = line("SavingsPlanNegation", "-9");
  Row fee = line("SavingsPlanRecurringFee", "6");
  for (Row* row : {&covered, &negation, &fee}) {
    std::erase_if(*row, [](const auto& field) { return field.first.starts_with("savingsPlan/"); });
  }
  const ReadBill bill = read(csv({covered, negation, fee}));
  EXPECT_EQ(bill.billed.to_string(), "6");
  EXPECT_EQ(bill.effective.to_string(), "6");
  EXPECT_TRUE(bill.assumes("it has no savingsPlan/SavingsPlanEffectiveCost: the billed cost stands"));
}

TEST_F(AwsCurTest, a_covered_line_whose_amortised_cost_is_unknown_is_rejected) {
  const ReadBill bill = read(csv({line("DiscountedUsage", "0"), line("Usage", ""), line("Usage", "1")}));
  EXPECT_EQ(bill.problems.size(), 2u);
  EXPECT_EQ(bill.billed.to_string(), "1");
}

TEST_F(AwsCurTest, a_type_that_nobody_knows_is_booked) {
  const ReadBill bill = read(csv({line("FlatRateSubscription", "1")}));
  ASSERT_EQ(bill.charges.size(), 1u);
  EXPECT_EQ(bill.charges.front().category, ChargeCategory::adjustment);
  EXPECT_EQ(bill.effective.to_string(), "1");
  EXPECT_TRUE(bill.assumes("a line item of a type that is not known"));
}

TEST_F(AwsCurTest, cur_2_0_is_known_by_its_snakes_and_its_maps) {
  const ReadBill bill = read(
      "line_item_line_item_type,line_item_unblended_cost,line_item_currency_code,line_item_usage_start_date,"
      "line_item_product_code,product,resource_tags,savings_plan_savings_plan_a_r_n,"
      "savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,savings_plan_used_commitment,"
      "line_item_usage_account_name,line_item_availability_zone\n"
      "SavingsPlanCoveredUsage,9,USD,2024-09-01 00:00:00,AmazonEC2,\"{\"\"product_name\"\":\"\"Amazon EC2\"\"}\","
      "\"{\"\"user_team\"\":\"\"web\"\"}\",arn:sp,5,,,Web,eu-west-1b\n");
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  EXPECT_EQ(bill.format, "AWS CUR 2.0");
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.effective_cost.to_string(), "5");
  EXPECT_EQ(charge.service, "Amazon EC2");
  EXPECT_EQ(charge.tags, R"({"team":"web"})");
  EXPECT_EQ(charge.commitment_id, "arn:sp");
  EXPECT_EQ(charge.sub_account_name, "Web");
  EXPECT_EQ(charge.region, "eu-west-1");
}

TEST_F(AwsCurTest, tags_that_differ_in_letter_case_are_two) {
  const ReadBill bill =
      read(csv({line("Usage", "1", {{"resourceTags/user:Team", "a"}, {"resourceTags/user:team", "b"}})}));
  ASSERT_EQ(bill.charges.size(), 1u);
  EXPECT_EQ(bill.charges.front().tags, R"({"Team":"a","team":"b"})");
}

}  // namespace
}  // namespace costagent
