#include "costagent/ingest/contract_commitments.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

class ContractCommitmentsTest : public BillFileTest {
 protected:
  // The commitments, and what was wrong with the others.
  std::vector<Commitment> read_all(std::string_view text) {
    std::vector<Commitment> all;
    const auto reader = bill(text);
    if (reader == nullptr || reader->kind() != BillKind::commitments) return all;
    format_ = reader->format();
    Commitment commitment;
    BillLine line;
    while (reader->next(commitment, line).value()) {
      if (line.problem) {
        problems_.push_back(line.problem->column_name);
      } else {
        all.push_back(commitment);
      }
    }
    return all;
  }

  std::string format_;
  std::vector<std::string> problems_;
};

constexpr std::string_view kHeader =
    "BillingCurrency,ContractCommitmentCategory,ContractCommitmentCost,ContractCommitmentDescription,"
    "ContractCommitmentId,ContractCommitmentPeriodEnd,ContractCommitmentPeriodStart,ContractCommitmentQuantity,"
    "ContractCommitmentType,ContractCommitmentUnit,ContractId,ContractPeriodEnd,ContractPeriodStart,"
    "InvoiceIssuerName\n";

TEST_F(ContractCommitmentsTest, spend_and_usage_are_read) {
  const auto all =
      read_all(std::string(kHeader) +
               "USD,Spend,500000.25,Enterprise agreement,c-1,2027-01-01T00:00:00Z,2026-01-01T00:00:00Z,,"
               "EDP,,k-1,2029-01-01T00:00:00Z,2026-01-01T00:00:00Z,AWS\n"
               "NULL,Usage,NULL,Hours,c-2,2027-01-01,2026-01-01,1000,CUD,Hours,k-1,2029-01-01,2026-01-01,\n");
  EXPECT_EQ(format_, "FOCUS 1.3 contract commitments");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].provider, "AWS");
  EXPECT_EQ(all[0].id, "c-1");
  EXPECT_EQ(all[0].contract_id, "k-1");
  EXPECT_EQ(all[0].category, "Spend");
  EXPECT_EQ(all[0].type, "EDP");
  EXPECT_EQ(all[0].cost.to_string(), "500000.25");
  EXPECT_EQ(all[0].currency, "USD");
  EXPECT_EQ(base::format_time(all[0].end), "2027-01-01T00:00:00Z");
  EXPECT_EQ(base::format_time(all[0].contract_end), "2029-01-01T00:00:00Z");
  EXPECT_EQ(all[1].quantity.to_string(), "1000");
  EXPECT_EQ(all[1].unit, "Hours");
  EXPECT_EQ(all[1].cost.to_string(), "0");
}

TEST_F(ContractCommitmentsTest, a_period_that_is_missing_is_the_contracts_or_has_no_end) {
  const auto all = read_all(
      "ContractCommitmentId,ContractCommitmentCost,BillingCurrency,ContractPeriodStart\n"
      "c-1,1,USD,2026-01-01\n");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].contract_id, "c-1");
  EXPECT_EQ(base::format_time(all[0].start), "2026-01-01T00:00:00Z");
  EXPECT_EQ(base::format_time(all[0].end), "9999-12-31T00:00:00Z");
}

TEST_F(ContractCommitmentsTest, what_commits_to_nothing_or_at_no_time_is_rejected) {
  const auto all = read_all(
      "ContractCommitmentId,ContractCommitmentCost,ContractCommitmentQuantity,BillingCurrency,"
      "ContractCommitmentPeriodStart,ContractCommitmentPeriodEnd\n"
      ",1,,USD,2026-01-01,2027-01-01\n"
      "c,,,USD,2026-01-01,2027-01-01\n"
      "c,1,,,2026-01-01,2027-01-01\n"
      "c,1,,USD,,2027-01-01\n"
      "c,1,,USD,2028-01-01,2027-01-01\n"
      "c,x,,USD,2026-01-01,2027-01-01\n");
  EXPECT_TRUE(all.empty());
  EXPECT_EQ(problems_,
            (std::vector<std::string>{"ContractCommitmentId", "ContractCommitmentCost", "BillingCurrency",
                                      "ContractCommitmentPeriodStart", "ContractPeriodEnd", "ContractCommitmentCost"}));
}

TEST_F(ContractCommitmentsTest, lines_of_json_are_read) {
  const auto all = read_all(
      R"({"ContractCommitmentId":"c","ContractCommitmentCost":12.50,"BillingCurrency":"USD","ContractPeriodStart":"2026-01-01T00:00:00Z","ContractCommitmentLifecycleStatus":"Active"})"
      "\n");
  EXPECT_EQ(format_, "FOCUS 1.4 contract commitments");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cost.to_string(), "12.5");
}

}  // namespace
}  // namespace costagent
