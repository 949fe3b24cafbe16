// Files that somebody writes over while they are taken in.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

// A store in which something happens between the moment that a file was opened and the answer whether it is known.
class Meddled final : public FactStore {
 public:
  Meddled(FactStore& facts, std::function<void()> meddle) : facts_(facts), meddle_(std::move(meddle)) {}

  base::Result<bool> has_beginning(const std::string& customer, const std::string& beginning) override {
    meddle_();
    return facts_.has_beginning(customer, beginning);
  }
  base::Result<std::optional<FileTally>> known(const std::string& customer, const std::string& digest) override {
    return facts_.known(customer, digest);
  }
  base::Result<std::unique_ptr<FactWriter>> begin(const Delivery& delivery) override { return facts_.begin(delivery); }
  base::Result<bool> clear_leftovers() override { return facts_.clear_leftovers(); }
  base::Result<std::optional<Period>> extent(const std::string& customer) override { return facts_.extent(customer); }
  base::Result<std::int64_t> version(const std::string& customer) override { return facts_.version(customer); }
  base::Result<std::vector<Bill>> bills(const std::string& customer, std::size_t limit) override {
    return facts_.bills(customer, limit);
  }
  base::Result<std::vector<CostSeries>> series(const SeriesQuery& query) override { return facts_.series(query); }
  base::Result<std::vector<std::vector<CostSeries>>> series_by_level(const LevelsQuery& query) override {
    return facts_.series_by_level(query);
  }
  base::Result<TotalsPage> totals(const TotalsQuery& query) override { return facts_.totals(query); }
  base::Result<std::vector<UsageTotal>> usage(const UsageQuery& query) override { return facts_.usage(query); }
  base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                     Period period, std::size_t limit) override {
    return facts_.resources(customer, provider, period, limit);
  }
  base::Result<std::vector<Commitment>> commitments(const std::string& customer, Period period,
                                                    std::size_t limit) override {
    return facts_.commitments(customer, period, limit);
  }
  base::Result<CoveragePage> coverage(const CoverageQuery& query) override { return facts_.coverage(query); }
  base::Result<PricePage> prices(const PriceQuery& query) override { return facts_.prices(query); }
  base::Result<InventoryPage> inventory(const InventoryQuery& query) override { return facts_.inventory(query); }

 private:
  FactStore& facts_;
  std::function<void()> meddle_;
};

class ChangedFilesTest : public testing::Test {
 protected:
  ChangedFilesTest() {
    std::string name = (fs::temp_directory_path() / "changed-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    path_ = (folder_ / "bill.csv").string();
  }
  ~ChangedFilesTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  // The same for more than its first 64 KiB, which are read when it is opened.
  static std::string bill(const char* last_cost) {
    std::string text = "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart\n";
    for (int i = 0; i < 3000; ++i) text += "EC2,1,1,USD,Usage,2025-01-01 00:00:00\n";
    return text + fmt::format("EC2,{0},{0},USD,Usage,2025-01-01 00:00:00\n", last_cost);
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  // What comes of the file if it is written anew once it has been opened.
  base::Result<IngestReport> ingest_while(const std::string& written) {
    Meddled facts(store_->facts(), [&] { write(written); });
    return ingest_files(facts, {"acme", Restatement::replace}, {&path_, 1});
  }
  void take_in(const std::string& text) {
    write(text);
    ASSERT_TRUE(ingest_files(store_->facts(), {"acme", Restatement::replace}, {&path_, 1}));
  }
  std::string billed() {
    TotalsQuery query;
    query.customer = "acme";
    query.period = {base::parse_day("2025-01-01").value(), base::parse_day("2025-01-02").value()};
    return store_->facts().totals(query).value().sum.at(0).costs.billed.to_string();
  }

  fs::path folder_;
  std::string path_;
  std::unique_ptr<Store> store_;
};

TEST_F(ChangedFilesTest, a_file_that_changes_once_it_is_open_is_refused) {
  write(bill("6"));
  const auto taken = ingest_while(bill("70"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, base::ErrorKind::conflict);
  EXPECT_FALSE(store_->facts().extent("acme").value());
}

TEST_F(ChangedFilesTest, a_file_that_changes_while_it_is_compared_with_a_known_one_is_refused) {
  take_in(bill("5"));
  write(bill("6"));
  const auto taken = ingest_while(bill("70"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(taken.error().message, path_ + " was changed while it was read; nothing was kept, try again");
  EXPECT_EQ(billed(), "3005");
}

// Else the version before would be told to have been taken in, and the other never come.
TEST_F(ChangedFilesTest, a_file_that_becomes_a_known_one_once_it_is_open_is_refused) {
  take_in(bill("5"));
  write(bill("6"));
  const auto taken = ingest_while(bill("5"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, base::ErrorKind::conflict);
}

}  // namespace
}  // namespace costagent
