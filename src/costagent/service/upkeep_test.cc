#include "costagent/service/upkeep.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() {
    std::string name = (fs::temp_directory_path() / "upkeep-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string(), clock_).value();
  }
  ~UpkeepTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  // A delivery whose writer went before it was published, as that of a killed process does.
  void abandon(int charges) {
    auto writer = store_->facts().begin({"acme"}).value();
    ASSERT_TRUE(writer->begin_file({"lost.csv", "", "", "lost"}));
    Charge charge;
    charge.provider = "AWS";
    charge.service = "EC2";
    charge.currency = "USD";
    for (int i = 0; i < charges; ++i) ASSERT_TRUE(writer->add(charge, "raw"));
    ASSERT_TRUE(writer->end_file("lost", {charges, 0, {}, {}}));
  }
  std::int64_t rows() {
    auto database = io::Sqlite::open((folder_ / "costs.db").string(), io::Sqlite::Mode::read_write, 10).value();
    return database.integer("SELECT count(*) FROM charge").value();
  }

  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(UpkeepTest, what_a_delivery_left_is_cleared_away_when_the_task_is_due) {
  Schedule schedule(store_->leases(), clock_, {.holder = "one", .seed = 1});
  schedule.add(clear_leftovers(store_->facts()));
  abandon(5000);
  ASSERT_GT(rows(), 0);
  schedule.run_due();
  EXPECT_EQ(rows(), 0);
  abandon(5000);
  schedule.run_due();
  EXPECT_GT(rows(), 0) << "not due";
  clock_.advance(std::chrono::hours(1));
  schedule.run_due();
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(schedule.counts().at(0).done, 2u);
}

TEST_F(UpkeepTest, clearing_away_ends_between_two_steps_when_the_agent_stops) {
  const Lease over{"task clear_leftovers", "one", clock_.utc(), 1};
  const TaskRun run(clock_, over);
  abandon(100);
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(clear_leftovers(store_->facts()).work(run).error().kind, base::ErrorKind::conflict);
  EXPECT_GT(rows(), 0);
}

}  // namespace
}  // namespace costagent
