#include "costagent/ingest/gcp.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

using GcpTest = BillFileTest;

constexpr std::string_view kLine =
    R"({"billing_account_id":"01-AB","service":{"id":"6F81","description":"Compute Engine"},)"
    R"("sku":{"id":"CF4E","description":"N1 Predefined Instance Core running in Frankfurt"},)"
    R"("usage_start_time":"2024-09-30 23:00:00 UTC","usage_end_time":"2024-10-01 00:00:00 UTC",)"
    R"("project":{"id":"web-1","number":"7","name":"Web","labels":[],"ancestry_numbers":"/1/"},)"
    R"("labels":[{"key":"team","value":"a\"b"}],"system_labels":[],)"
    R"("location":{"location":"europe-west3","country":"DE","region":"europe-west3","zone":"europe-west3-a"},)"
    R"("resource":{"name":"vm","global_name":"//compute.googleapis.com/vm"},)"
    R"("export_time":"2024-10-01 03:00:00 UTC","cost":1.30000000000000004441,"currency":"EUR",)"
    R"("currency_conversion_rate":0.9,"usage":{"amount":"3600","unit":"seconds","amount_in_pricing_units":1.0},)"
    R"("credits":[{"name":"SUD","amount":-0.25,"full_name":"","id":"","type":"SUSTAINED_USAGE_DISCOUNT"},)"
    R"({"name":"CUD","amount":-5e-2,"id":"cud-1","type":"COMMITTED_USAGE_DISCOUNT"}],)"
    R"("invoice":{"month":"202409"},"cost_type":"regular","cost_at_list":"1.5"})";

TEST_F(GcpTest, a_line_of_json_is_told_in_the_terms_of_focus) {
  const ReadBill bill = read(std::string(kLine) + "\n");
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  EXPECT_EQ(bill.format, "Google Cloud billing export (detailed)");
  EXPECT_EQ(bill.raw.front(), kLine);
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.provider, "Google Cloud");
  EXPECT_EQ(charge.billing_account_id, "01-AB");
  EXPECT_EQ(charge.sub_account_id, "web-1");
  EXPECT_EQ(charge.sub_account_name, "Web");
  EXPECT_EQ(charge.service, "Compute Engine");
  EXPECT_EQ(charge.sku_id, "CF4E");
  EXPECT_EQ(charge.usage_type, "N1 Predefined Instance Core running in Frankfurt");
  EXPECT_EQ(charge.region, "europe-west3");
  EXPECT_EQ(charge.resource_id, "//compute.googleapis.com/vm");
  EXPECT_EQ(charge.resource_name, "vm");
  EXPECT_EQ(charge.consumed_quantity.to_string(), "3600");
  EXPECT_EQ(charge.consumed_unit, "seconds");
  EXPECT_EQ(charge.tags, R"({"team":"a\"b"})");
  EXPECT_EQ(charge.billed_cost.to_string(), "1.00000000000000004441") << "the cost and its credits, every digit";
  EXPECT_EQ(charge.effective_cost, charge.billed_cost);
  EXPECT_EQ(charge.contracted_cost.to_string(), "1.30000000000000004441");
  EXPECT_EQ(charge.list_cost.to_string(), "1.5");
  EXPECT_EQ(charge.commitment_id, "cud-1");
  EXPECT_EQ(charge.commitment_status, "Used");
  EXPECT_EQ(base::format_time(charge.billing_period_start), "2024-09-01T00:00:00Z");
  EXPECT_EQ(base::format_time(charge.period_end), "2024-10-01T00:00:00Z");
}

TEST_F(GcpTest, what_bigquery_leaves_out_because_it_is_null_is_no_matter) {
  const ReadBill bill = read(
      R"({"billing_account_id":"b","service":{"description":"Invoice"},"sku":{"description":"Tax"},"usage_start_time":"2024-09-30T00:00:00Z","cost":2,"currency":"USD","cost_type":"tax","credits":[]})"
      "\n"
      R"({"billing_account_id":"b","service":{"description":"X"},"usage_start_time":"2024-09-30T00:00:00Z","cost":-1,"currency":"USD","cost_type":"adjustment","adjustment_info":{"id":"a","type":"GENERAL_ADJUSTMENT"},"labels":null})"
      "\n"
      R"({"billing_account_id":"b","service":{"description":"X"},"sku":{"description":"Commitment v1: Cpu"},"usage_start_time":"2024-09-30T00:00:00Z","cost":4,"currency":"USD","cost_type":"regular","cost_at_list":5})"
      "\n"
      R"({"billing_account_id":"b","service":{"description":"X"},"usage_start_time":"2024-09-30T00:00:00Z","cost":1e-2,"currency":"USD","cost_type":"odd"})"
      "\n");
  ASSERT_EQ(bill.charges.size(), 4u) << bill.problems.front();
  EXPECT_EQ(bill.billed.to_string(), "5.01");
  EXPECT_EQ(bill.charges[0].category, ChargeCategory::tax);
  EXPECT_EQ(bill.charges[1].category, ChargeCategory::adjustment);
  EXPECT_EQ(bill.charges[1].charge_class, "Correction");
  EXPECT_EQ(bill.charges[1].tags, "");
  EXPECT_EQ(bill.charges[2].category, ChargeCategory::purchase);
  EXPECT_EQ(bill.charges[2].list_cost.to_string(), "5");
  EXPECT_EQ(bill.charges[3].list_cost.to_string(), "0.01");
  EXPECT_TRUE(bill.assumes("a cost_type that is not known"));
  EXPECT_TRUE(bill.assumes("it has no invoice.month"));
  EXPECT_FALSE(bill.assumes("it has no cost_at_list")) << "the third line has it";
}

TEST_F(GcpTest, credits_that_cannot_be_summed_reject_their_line_alone) {
  const auto with = [](std::string_view credits) {
    return R"({"billing_account_id":"b","service":{"description":"X"},"usage_start_time":"2024-09-30","cost":1,"currency":"USD","credits":)" +
           std::string(credits) + "}\n";
  };
  const ReadBill bill = read(with("[]") + with(R"([{"amount":"x"}])") + with(R"([{"amount":1,"amount":2}])") +
                             with(R"([1])") + with(R"({"amount":1})") + with("null"));
  EXPECT_EQ(bill.charges.size(), 2u);
  ASSERT_EQ(bill.problems.size(), 4u);
  EXPECT_EQ(bill.problems[1], "credits: it is not an array of credits, each with an amount");
}

TEST_F(GcpTest, flattened_to_csv_it_is_the_same) {
  const ReadBill bill = read(
      "billing_account_id,service.description,sku.description,usage_start_time,usage_end_time,project.id,labels,cost,"
      "currency,credits,invoice.month\n"
      "b,Compute Engine,Core,2024-09-30 23:00:00 UTC,2024-10-01 00:00:00 UTC,p,"
      "\"[{\"\"key\"\":\"\"a\"\",\"\"value\"\":\"\"b\"\"}]\",1.5,USD,\"[{\"\"amount\"\":-0.5}]\",202409\n");
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  EXPECT_EQ(bill.billed.to_string(), "1");
  EXPECT_EQ(bill.charges.front().tags, R"({"a":"b"})");
  EXPECT_EQ(read("billing_account_id,service_description,usage_start_time,cost,currency,credits.amount\n"
                 "b,Compute Engine,2024-09-30,1.5,USD,-0.25\n")
                .billed.to_string(),
            "1.25");
}

TEST_F(GcpTest, the_daily_files_of_old_are_known) {
  const ReadBill bill = read(
      "Account ID,Line Item,Start Time,End Time,Project,Measurement1,Measurement1 Total Consumption,Measurement1 Units,"
      "Credit1,Credit1 Amount,Credit1 Currency,Credit2,Credit2 Amount,Cost,Currency,Project Number,Project "
      "ID,Description\n"
      "A,com.google.cloud/services/compute-engine/"
      "VmimageN1Standard_1,2018-03-01T00:00:00-08:00,2018-03-02T00:00:00-08:00,"
      "7,m,3600,seconds,SUD,-0.5,USD,,,2,USD,7,web-1,N1\n");
  ASSERT_EQ(bill.charges.size(), 1u) << bill.problems.front();
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.billed_cost.to_string(), "1.5");
  EXPECT_EQ(charge.list_cost.to_string(), "2");
  EXPECT_EQ(charge.service, "compute-engine");
  EXPECT_EQ(charge.usage_type, "VmimageN1Standard_1");
  EXPECT_EQ(charge.sub_account_id, "web-1");
  EXPECT_EQ(base::format_time(charge.period_start), "2018-03-01T08:00:00Z");
}

}  // namespace
}  // namespace costagent
