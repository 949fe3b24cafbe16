// Bills that nobody of this project wrote, against the sums that others take from them.
#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

class PublicBillsTest : public BillFileTest {
 protected:
  ReadBill shared(const std::string& name) {
    const char* folder = std::getenv("SHARED_DATA");
    const std::string path = std::string(folder != nullptr ? folder : "../shared/data") + "/" + name;
    if (!std::filesystem::exists(path)) return {};
    return read_file(path);
  }
};

TEST_F(PublicBillsTest, focus_1_0_of_three_clouds) {
  const ReadBill bill = shared("focus_1_0_sample.csv");
  if (bill.format.empty()) GTEST_SKIP() << "there is no focus_1_0_sample.csv";
  EXPECT_EQ(bill.format, "FOCUS 1.0");
  EXPECT_EQ(bill.charges.size(), 1000u);
  EXPECT_EQ(bill.problems.size(), 0u);
  EXPECT_EQ(bill.billed.to_string(), "20.52022672899");
  EXPECT_EQ(bill.effective.to_string(), "14.97651418586");
}

TEST_F(PublicBillsTest, aws_cost_and_usage_report) {
  const ReadBill bill = shared("aws_cur_legacy_sample.csv");
  if (bill.format.empty()) GTEST_SKIP() << "there is no aws_cur_legacy_sample.csv";
  EXPECT_EQ(bill.format, "AWS CUR (legacy)");
  EXPECT_EQ(bill.charges.size(), 1281u);
  EXPECT_EQ(bill.problems.size(), 0u);
  EXPECT_EQ(bill.billed.to_string(), "1.6823086974");
  EXPECT_EQ(bill.effective.to_string(), "1.6823086974");
}

TEST_F(PublicBillsTest, azure_enterprise_export) {
  const ReadBill bill = shared("azure_ea_export_sample.csv");
  if (bill.format.empty()) GTEST_SKIP() << "there is no azure_ea_export_sample.csv";
  EXPECT_EQ(bill.format, "Azure export (Enterprise Agreement)");
  EXPECT_EQ(bill.charges.size(), 27u);
  EXPECT_EQ(bill.problems.size(), 0u);
  EXPECT_EQ(bill.billed.to_string(), "1.26136926505726");
  EXPECT_EQ(bill.effective.to_string(), "1.26136926505726");
  EXPECT_EQ(bill.charges.front().currency, "CAD");
  EXPECT_EQ(base::format_time(bill.charges.front().period_start), "2023-09-02T00:00:00Z");
  EXPECT_EQ(bill.charges.front().tags, R"({"tagA": "valueA","tagB": "valueB","tagC": "valueC"})");
  EXPECT_EQ(bill.charges.front().list_cost.to_string(), "0.0109060512") << "0.4 x 0.027265128";
}

}  // namespace
}  // namespace costagent
