#include "costagent/ingest/azure.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

using AzureTest = BillFileTest;

constexpr std::string_view kEnterprise =
    "AccountName,SubscriptionId,Date,ChargeType,PricingModel,CostInBillingCurrency,BillingCurrencyCode,MeterCategory,"
    "ResourceLocation,ResourceId,Quantity,UnitPrice,PayGPrice,ReservationId,benefitId,Tags\n";

std::string enterprise(std::string_view lines) { return std::string(kEnterprise) + std::string(lines); }

TEST_F(AzureTest, a_line_is_told_in_the_terms_of_focus) {
  const ReadBill bill =
      read(enterprise("a,sub,09/30/2023,Usage,OnDemand,1.6E-07,CAD,Virtual Machines,US East,"
                      "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1,2,0.5,0.75,,,"
                      "\"\"\"a\"\": \"\"b\"\"\"\n"));
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.provider, "Microsoft");
  EXPECT_EQ(charge.billed_cost.to_string(), "0.00000016");
  EXPECT_EQ(charge.effective_cost.to_string(), "0.00000016");
  EXPECT_EQ(charge.list_cost.to_string(), "1.5");
  EXPECT_EQ(charge.contracted_cost.to_string(), "1");
  EXPECT_EQ(charge.service, "Virtual Machines");
  EXPECT_EQ(charge.region, "useast");
  EXPECT_EQ(charge.resource_type, "Microsoft.Compute/virtualMachines");
  EXPECT_EQ(charge.resource_name, "vm-1");
  EXPECT_EQ(charge.tags, R"({"a": "b"})");
  EXPECT_EQ(base::format_time(charge.period_start), "2023-09-30T00:00:00Z");
  EXPECT_EQ(base::format_time(charge.period_end), "2023-10-01T00:00:00Z");
  EXPECT_EQ(base::format_time(charge.billing_period_start), "2023-09-01T00:00:00Z");
}

// Of actual cost, a reservation is paid when it is bought and its usage costs nothing; of amortized cost, its usage and
// what is left unused cost their share. Read together, both sums are those of the provider.
TEST_F(AzureTest, actual_and_amortized_costs_are_told_apart_by_the_line) {
  const ReadBill actual =
      read(enterprise("a,s,2023-09-01,Purchase,Reservation,100,USD,,,,1,,,r1,,\n"
                      "a,s,2023-09-01,Usage,Reservation,0,USD,Virtual Machines,,,1,,,r1,,\n"
                      "a,s,2023-09-01,Usage,OnDemand,3,USD,Storage,,,1,,,,,\n"));
  EXPECT_EQ(actual.billed.to_string(), "103");
  EXPECT_EQ(actual.effective.to_string(), "3");
  const ReadBill amortized =
      read(enterprise("a,s,2023-09-01,Usage,Reservation,80,USD,Virtual Machines,,,1,,,r1,,\n"
                      "a,s,2023-09-01,UnusedReservation,Reservation,15,USD,Virtual Machines,,,1,,,r1,,\n"
                      "a,s,2023-09-01,Usage,SavingsPlan,4,USD,Virtual Machines,,,1,,,,/providers/b/1,\n"
                      "a,s,2023-09-01,UnusedSavingsPlan,SavingsPlan,1,USD,Virtual Machines,,,1,,,,/providers/b/1,\n"
                      "a,s,2023-09-01,Usage,OnDemand,3,USD,Storage,,,1,,,,,\n"));
  EXPECT_EQ(amortized.billed.to_string(), "3");
  EXPECT_EQ(amortized.effective.to_string(), "103");
  EXPECT_EQ(amortized.charges[0].commitment_status, "Used");
  EXPECT_EQ(amortized.charges[0].commitment_id, "r1");
  EXPECT_EQ(amortized.charges[1].commitment_status, "Unused");
  EXPECT_EQ(amortized.charges[1].category, ChargeCategory::usage);
  EXPECT_EQ(amortized.charges[2].commitment_id, "/providers/b/1");
  EXPECT_TRUE(amortized.assumes("as in exports of amortized cost"));
  EXPECT_FALSE(actual.assumes("as in exports of amortized cost"));
}

TEST_F(AzureTest, other_types_of_charge_keep_their_money) {
  const ReadBill bill =
      read(enterprise("a,s,2023-09-01,Refund,,-5,USD,,,,,,,,,\n"
                      "a,s,2023-09-01,Tax,,2,USD,,,,,,,,,\n"
                      "a,s,2023-09-01,RoundingAdjustment,,0.001,USD,,,,,,,,,\n"
                      "a,s,2023-09-01,SomethingNew,,1,USD,,,,,,,,,\n"
                      "a,s,2023-09-01,Purchase,OnDemand,7,USD,Marketplace,,,,,,,,\n"));
  EXPECT_EQ(bill.problems.size(), 0u);
  EXPECT_EQ(bill.billed.to_string(), "5.001");
  EXPECT_EQ(bill.effective.to_string(), "5.001");
  EXPECT_EQ(bill.charges[0].charge_class, "Correction");
  EXPECT_EQ(bill.charges[1].category, ChargeCategory::tax);
  EXPECT_EQ(bill.charges[4].category, ChargeCategory::purchase);
  EXPECT_TRUE(bill.assumes("a ChargeType that is not known"));
}

TEST_F(AzureTest, customer_agreements_say_the_list_cost_themselves) {
  const ReadBill bill = read(
      "invoiceId,billingAccountId,subscriptionName,SubscriptionId,date,meterCategory,consumedService,quantity,"
      "unitPrice,"
      "costInBillingCurrency,billingCurrency,pricingCurrency,paygCostInBillingCurrency,PayGPrice,chargeType,"
      "resourceLocation\n"
      "G1,1:2_2019,Prod,s-1,08/01/2024,Storage,Microsoft.Storage,2,0.5,1.5,EUR,USD,1.75,0.6,Usage,westeurope\n");
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  EXPECT_EQ(bill.format, "Azure export (Customer Agreement)");
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.currency, "EUR");
  EXPECT_EQ(charge.billed_cost.to_string(), "1.5");
  EXPECT_EQ(charge.list_cost.to_string(), "1.75");
  EXPECT_EQ(charge.contracted_cost.to_string(), "1.5") << "its price is in another currency";
  EXPECT_EQ(charge.billing_account_id, "1:2_2019");
}

TEST_F(AzureTest, old_names_are_known) {
  EXPECT_EQ(read("SubscriptionGuid,UsageDateTime,MeterCategory,UsageQuantity,PreTaxCost,Currency,InstanceId\n"
                 "s,2019-05-01,Storage,1,0.25,EUR,/a/b\n")
                .billed.to_string(),
            "0.25");
  EXPECT_EQ(read("SubscriptionGuid,Date,Meter Category,Consumed Quantity,ExtendedCost,Currency,Instance ID\n"
                 "s,05/01/2017,Storage,1,0.5,EUR,/a/b\n")
                .billed.to_string(),
            "0.5");
  EXPECT_EQ(read("subscriptionId,date,meterId,quantity,cost,billingCurrency\ns,2021-05-01T00:00:00Z,m,1,0.75,EUR\n")
                .billed.to_string(),
            "0.75");
}

TEST_F(AzureTest, days_have_the_month_first) {
  EXPECT_EQ(parse_azure_time("9/2/2023").value(), parse_azure_time("2023-09-02").value());
  EXPECT_EQ(parse_azure_time("12/31/2023").value(), parse_azure_time("12/31/2023 00:00:00").value());
  for (const char* wrong : {"31/12/2023", "2/30/2023", "1/1", "/1/2023", "1/1/2023x", "1/1/20233", "a/b/c", ""})
    EXPECT_FALSE(parse_azure_time(wrong)) << wrong;
}

}  // namespace
}  // namespace costagent
