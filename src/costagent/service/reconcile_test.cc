#include "costagent/service/reconcile.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader =
    "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,"
    "ProviderName,BillingAccountId\n";
constexpr const char* kBill =
    "EC2,10,9,USD,Usage,2025-01-01,2025-01-01,AWS,one\n"
    "EC2,20,19,USD,Usage,2025-01-02,2025-01-01,AWS,one\n"
    "S3,3.5,3.5,USD,Usage,2025-01-02,2025-01-01,AWS,one\n"
    "S3,0.000000000001,0,USD,Usage,2024-12-31,2025-01-01,AWS,one\n"
    ",2.25,2.25,USD,Tax,2025-01-01,2025-01-01,AWS,one\n"
    "VM,100,100,USD,Usage,2025-01-01,2025-01-01,Azure,two\n"
    "EC2,7,7,USD,Usage,2025-01-02,2025-02-01,AWS,one\n";  // of a day of January, on February's bill

class ReconcileTest : public testing::Test {
 protected:
  ReconcileTest() {
    std::string name = (fs::temp_directory_path() / "reconcile-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    const std::string bill = file("bill.csv", std::string(kHeader) + kBill);
    EXPECT_EQ(ingest_files(store_->facts(), {"acme"}, {&bill, 1}).value().charges, 7u);
  }
  ~ReconcileTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  std::string file(const char* name, const std::string& text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  base::Result<ReconcileReport> compare(const char* total, std::vector<std::string> files = {},
                                        const char* provider = "aws") {
    ReconcileRequest request;
    request.customer = "acme";
    request.bill.provider = provider;
    request.bill.billing_period = base::parse_day("2025-01-01").value();
    if (total != nullptr) request.total = base::Decimal::parse(total).value();
    request.files = std::move(files);
    return reconcile(store_->facts(), request);
  }

  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(ReconcileTest, a_total_that_is_the_same_to_the_last_digit_agrees) {
  const auto report = compare("35.750000000001").value();
  EXPECT_TRUE(report.agrees());
  EXPECT_EQ(report.here.to_string(), "35.750000000001");
  EXPECT_EQ(report.currency, "USD");
  ASSERT_EQ(report.bills.size(), 1u);
  EXPECT_EQ(report.bills[0].billing_account, "one");
  EXPECT_EQ(report.bills[0].rows, 5);
  EXPECT_FALSE(compare("35.75").value().agrees());
}

TEST_F(ReconcileTest, a_total_agrees_if_what_is_here_rounds_to_it) {
  ReconcileRequest request{"acme", {"aws", "", base::parse_day("2025-01-01").value(), ""}, {}, {}, {}};
  const auto agrees = [&](const char* total, int places) {
    request.total = base::Decimal::parse(total).value();
    request.places = places;
    return reconcile(store_->facts(), request).value().agrees();
  };
  EXPECT_TRUE(agrees("35.75", 2));
  EXPECT_FALSE(agrees("35.8", 1)) << "a total in dollars has cents";
  EXPECT_FALSE(agrees("36", 0));
  EXPECT_FALSE(agrees("35.750000", 12));
  EXPECT_FALSE(agrees("35.76", 2));
  EXPECT_FALSE(agrees("35.74", 2));
}

TEST_F(ReconcileTest, whose_bills_there_are_none_of_is_told_what_there_is) {
  const auto message = [&](const char* customer, BillChoice choice) {
    const auto found = find_bills(store_->facts(), customer, choice);
    return found ? "found" : found.error().message;
  };
  EXPECT_EQ(message("nobody", {}), "there is no customer 'nobody' in this database");
  EXPECT_EQ(message("acme", {"", "", {}, "eur"}), "there is no bill in eur: those that fit are in USD");
  EXPECT_EQ(message("acme", {"gcp", "", base::parse_day("2025-02-01").value(), ""}),
            "there is no bill of customer 'acme' for the billing period 2025-02 of gcp; there are some from 2025-01 to "
            "2025-02");
  EXPECT_EQ(message("acme", {"AWS", "one", base::parse_day("2025-02-01").value(), "usd"}), "found");
}

TEST_F(ReconcileTest, a_difference_that_is_exactly_a_part_of_the_bill_is_named) {
  const auto hints = [&](const char* total) { return compare(total).value().hints; };
  EXPECT_EQ(hints("33.500000000001").at(0), "it is exactly what is here of category Tax");
  EXPECT_EQ(hints("32.250000000001").at(0), "it is exactly what is here of service S3 on 2025-01-02");
  EXPECT_TRUE(hints("1").empty());
}

TEST_F(ReconcileTest, an_invoice_with_days_is_compared_by_service_and_day) {
  const std::string invoice = file("invoice.csv",
                                   "date,service,cost\n2025-01-01,EC2,10\n2025-01-02,EC2,21.5\n2025-01-02,S3,3.5\n"
                                   "2025-01-01,Support,4\n2024-12-31,S3,1e-12\n2025-01-01,,2.25\n");
  const auto report = compare(nullptr, {invoice}).value();
  EXPECT_EQ(report.invoice.to_string(), "41.250000000001");
  EXPECT_EQ(report.difference().to_string(), "-5.5");
  ASSERT_EQ(report.lines.size(), 2u);
  EXPECT_EQ(report.lines[0].service, "Support");
  EXPECT_EQ(report.lines[0].difference().to_string(), "-4");
  EXPECT_EQ(report.lines[1].service, "EC2");
  EXPECT_EQ(report.lines[1].day, base::parse_day("2025-01-02").value());
  EXPECT_EQ(report.lines[1].here.to_string(), "20");
}

TEST_F(ReconcileTest, an_invoice_without_days_is_compared_by_service) {
  const std::string invoice = file("invoice.csv", "service,cost\nEC2,30\nS3,3.5\n\"\",2.25\n");
  const auto report = compare(nullptr, {invoice}).value();
  ASSERT_EQ(report.lines.size(), 1u);
  EXPECT_EQ(report.lines[0].service, "S3");
  EXPECT_FALSE(report.lines[0].day);
  EXPECT_EQ(report.lines[0].difference().to_string(), "0.000000000001");
}

TEST_F(ReconcileTest, the_bill_itself_agrees_with_what_was_taken_in) {
  EXPECT_TRUE(compare(nullptr, {(folder_ / "bill.csv").string()}).value().agrees());
}

TEST_F(ReconcileTest, totals_can_differ_where_the_sum_is_the_same) {
  const std::string invoice = file("invoice.csv", "service,cost\nEC2,29\nS3,4.500000000001\n\"\",2.25\n");
  const auto report = compare(nullptr, {invoice}).value();
  EXPECT_TRUE(report.difference().is_zero());
  EXPECT_FALSE(report.agrees());
  EXPECT_EQ(report.differing, 2u);
}

TEST_F(ReconcileTest, of_several_bills_of_a_period_one_can_be_chosen_and_currencies_are_not_mixed) {
  const std::string more = file("more.csv", std::string(kHeader) +
                                                "EC2,5,5,USD,Usage,2025-01-01,2025-01-01,AWS,three\n"
                                                "EC2,6,6,EUR,Usage,2025-01-01,2025-01-01,AWS,four\n");
  ASSERT_EQ(ingest_files(store_->facts(), {"acme"}, {&more, 1}).value().charges, 2u);
  ReconcileRequest request;
  request.customer = "acme";
  request.bill = {"aws", "", base::parse_day("2025-01-01").value(), ""};
  request.total = base::Decimal();
  EXPECT_EQ(reconcile(store_->facts(), request).error().field, "currency");
  request.bill.currency = "USD";
  EXPECT_EQ(reconcile(store_->facts(), request).value().here.to_string(), "40.750000000001");
  request.bill.billing_account = "three";
  const auto report = reconcile(store_->facts(), request).value();
  EXPECT_EQ(report.here.to_string(), "5");
  EXPECT_EQ(report.bills.size(), 1u);
}

TEST_F(ReconcileTest, what_cannot_be_compared_is_an_error) {
  EXPECT_EQ(compare("1", {}, "gcp").error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(compare(nullptr, {file("bad.csv", "service,cost\nEC2,much\n")}).error().kind, base::ErrorKind::invalid);
  const auto neither = compare(nullptr, {file("neither.csv", "a,b\n1,2\n")});
  ASSERT_FALSE(neither);
  EXPECT_NE(neither.error().message.find("neither.csv"), std::string::npos);
  EXPECT_EQ(compare(nullptr, {"/no/such/file"}).error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace costagent
