#include "costagent/service/growth_report.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class GrowthReportTest : public testing::Test {
 protected:
  GrowthReportTest() {
    std::string name = (fs::temp_directory_path() / "growth-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
  }
  ~GrowthReportTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  void line(const char* day, const char* service, const char* meter, double cost, double quantity,
            const char* currency = "USD") {
    bill_ += fmt::format("AWS,{},{},{},{},{},{},Hours,Usage,{}T00:00:00Z\n", service, meter, cost, cost, currency,
                         quantity, day);
  }
  void take_in() {
    const std::string path = (folder_ / "bill.csv").string();
    std::ofstream(path)
        << "ProviderName,ServiceName,SkuMeter,BilledCost,EffectiveCost,BillingCurrency,ConsumedQuantity,"
           "ConsumedUnit,ChargeCategory,ChargePeriodStart\n"
        << bill_;
    ASSERT_TRUE(ingest_files(store_->facts(), {"acme"}, {&path, 1}));
  }
  std::optional<GrowthReport> february() {
    const Period january_to_april{day("2025-01-01"), day("2025-04-01")};
    return growth_report(store_->facts(), "acme", {}, {day("2025-02-01"), day("2025-03-01")}, january_to_april).value();
  }
  static base::Day day(const char* text) { return base::parse_day(text).value(); }

  std::string bill_;
  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(GrowthReportTest, tells_price_usage_and_mix_apart) {
  line("2025-01-10", "EC2", "small", 100, 1000);  // 0.10 an hour
  line("2025-01-10", "EC2", "large", 100, 500);   // 0.20
  line("2025-01-10", "Support", "plan", 50, 0);
  line("2025-02-10", "EC2", "small", 60, 500);    // 0.12: dearer by 10
  line("2025-02-10", "EC2", "large", 260, 1300);  // more hours, and more of the dear ones
  line("2025-02-10", "Support", "plan", 80, 0);
  take_in();
  const auto report = february();
  ASSERT_TRUE(report);
  EXPECT_EQ(base::format_day(report->before.from), "2025-01-04") << "as many days";
  ASSERT_EQ(report->currencies.size(), 1u);
  const CurrencyGrowth& usd = report->currencies[0];
  EXPECT_TRUE(usd.complete);
  EXPECT_DOUBLE_EQ(usd.cost_before, 250);
  EXPECT_DOUBLE_EQ(usd.cost, 400);
  EXPECT_DOUBLE_EQ(usd.growth.change, 150);
  EXPECT_DOUBLE_EQ(usd.growth.price, 10 + 30) << "the small ones', and the plan's";
  EXPECT_NEAR(usd.growth.usage, 300 * (200.0 / 1500), 1e-9);
  EXPECT_NEAR(usd.growth.price + usd.growth.usage + usd.growth.mix, 150, 1e-9);
  ASSERT_EQ(usd.services.size(), 2u);
  EXPECT_EQ(usd.services[0].service, "EC2");
  EXPECT_DOUBLE_EQ(usd.services[0].growth.change, 120);
  EXPECT_DOUBLE_EQ(usd.services[1].growth.price, 30);
  ASSERT_EQ(usd.items.size(), 3u);
  EXPECT_EQ(usd.items[0].after.usage_type, "large");
  EXPECT_DOUBLE_EQ(usd.items[0].before.quantity, 500);
  EXPECT_DOUBLE_EQ(usd.items[0].after.quantity, 1300);
}

TEST_F(GrowthReportTest, currencies_stay_apart_and_what_is_new_or_gone_is_usage) {
  line("2025-01-10", "EC2", "small", 100, 1000, "EUR");
  line("2025-02-10", "EC2", "small", 7, 70);
  take_in();
  const auto report = february();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->currencies.size(), 2u);
  EXPECT_EQ(report->currencies[0].currency, "EUR");
  EXPECT_DOUBLE_EQ(report->currencies[0].growth.usage, -100);
  EXPECT_DOUBLE_EQ(report->currencies[1].growth.usage, 7);
}

TEST_F(GrowthReportTest, is_none_where_the_bills_do_not_reach_back) {
  line("2025-02-10", "EC2", "small", 7, 70);
  take_in();
  const Period february{day("2025-02-01"), day("2025-03-01")};
  EXPECT_FALSE(growth_report(store_->facts(), "acme", {}, february, february).value());
}

}  // namespace
}  // namespace costagent
