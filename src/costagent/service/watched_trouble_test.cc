#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/deadline.h"
#include "costagent/service/watched_testing.h"
#include "io/duckdb.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A store in which something happens just before it is written.
class Interrupted final : public WatchStore {
 public:
  explicit Interrupted(WatchStore& store) : store_(store) {}
  std::function<void()> before_save = [] {};

  base::Result<std::vector<WatchedFile>> files(const std::string& customer) override { return store_.files(customer); }
  base::Result<std::size_t> save(const std::string& customer, std::span<const WatchedFile> files) override {
    before_save();
    return store_.save(customer, files);
  }
  base::Result<> forget(const std::string& customer, std::span<const std::string> paths) override {
    return store_.forget(customer, paths);
  }
  base::Result<std::map<WatchedState, std::size_t>> counts() override { return store_.counts(); }

 private:
  WatchStore& store_;
};

TEST_F(WatchedFolderTest, what_a_cancelled_job_was_to_take_in_is_left_alone_unless_it_is_run_again) {
  write("january.csv", "1");
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  const auto id = remembered("january.csv").job;
  ASSERT_TRUE(queue_->cancel(id));
  EXPECT_TRUE(settle().empty());
  EXPECT_EQ(remembered("january.csv").state, WatchedState::failed);
  EXPECT_EQ(total(), "none");
  ASSERT_TRUE(queue_->retry(id));
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(total(), "31");
}

TEST_F(WatchedFolderTest, a_database_that_is_busy_costs_an_attempt_and_no_file) {
  write("january.csv", "1");
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  auto job = claim();
  {
    auto other = io::Sqlite::open((folder_ / "costs.db").string(), io::Sqlite::Mode::read_write, 10).value();
    const auto held = io::Transaction::begin(other).value();
    const base::DeadlineScope in_time(base::SystemClock::monotonic_now() + std::chrono::milliseconds(20));
    const auto result = run(*job);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, base::ErrorKind::timeout);
  }
  EXPECT_EQ(remembered("january.csv").state, WatchedState::still);
  ASSERT_TRUE(queue_->fail(*job, "away", true));
  EXPECT_FALSE(claim()) << "its pause is not over";
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(total(), "31");
  EXPECT_EQ(jobs(JobState::done), 1u) << "the same job";
}

TEST_F(WatchedFolderTest, a_file_on_which_every_attempt_ends_keeps_no_other_waiting) {
  write("2025-01.csv", "1");
  write("2025-02.csv", "2", 1, 28, "2025-02");
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  Interrupted interrupted(store_->watch());
  interrupted.before_save = [&] {
    if (remembered("2025-01.csv").due != base::UtcTime()) throw std::runtime_error("killed");
  };
  WatchedFolder dying(interrupted, store_->facts(), *queue_, clock_, watched_->options());
  auto job = claim();
  ASSERT_TRUE(queue_->fail(*job, "killed", true)) << "before it had done anything";
  clock_.advance(std::chrono::minutes(1));
  job = claim();
  ASSERT_EQ(job->attempts, job->max_attempts);
  JobContext context(base::Nanoseconds::max());
  EXPECT_THROW(static_cast<void>(dying.run(*job, context)), std::runtime_error);
  ASSERT_EQ(queue_->fail(*job, "killed", true).value(), JobState::failed);
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(remembered("2025-02.csv").state, WatchedState::taken);
  EXPECT_EQ(remembered("2025-01.csv").state, WatchedState::still) << "a job that takes in others leaves it alone";
  clock_.advance(std::chrono::minutes(10));
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(remembered("2025-01.csv").state, WatchedState::taken);
  EXPECT_EQ(total(), "87");
}

// A process can't get or lose DuckDB: only one that has none goes this way.
TEST_F(WatchedFolderTest, what_needs_a_component_that_is_missing_fails_once_and_again_for_who_begins_later) {
  if (io::duckdb::api()) GTEST_SKIP() << "there is DuckDB";
  write_text("2025-01.parquet", "PAR1 and more");
  write("2025-02.csv", "2", 1, 28, "2025-02");
  write("export/a.csv", "1");
  write_text("export/b.parquet", "PAR1 and more");
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(total(), "56") << "of another kind, but a part of the bill all the same";
  for (const char* path : {"2025-01.parquet", "export/a.csv", "export/b.parquet"}) {
    EXPECT_EQ(remembered(path).state, WatchedState::failed) << path;
    EXPECT_THAT(remembered(path).error, HasSubstr("scripts/parquet"));
  }
  clock_.advance(std::chrono::hours(24));
  EXPECT_TRUE(settle().empty());
  begin_anew();
  EXPECT_THAT(settle(), testing::ElementsAre(HasSubstr(R"("files":0,"failed":3)")));
  EXPECT_EQ(watched_->use().failed, 3u);
}

TEST_F(WatchedFolderTest, a_process_that_dies_before_it_has_written_down_what_it_did_costs_nothing) {
  write("export/a.csv", "1");
  write("export/b.csv", "2");
  settle();
  auto files = store_->watch().files("acme").value();
  for (WatchedFile& file : files) {
    file.state = WatchedState::still;
    file.digest.clear();
  }
  ASSERT_EQ(store_->watch().save("acme", files).value(), 2u);
  EXPECT_THAT(settle().at(0), HasSubstr(R"("charges":0,"duplicates":62)"));
  EXPECT_EQ(total(), "93");
  EXPECT_EQ(remembered("export/a.csv").state, WatchedState::taken);
}

TEST_F(WatchedFolderTest, what_changes_just_when_it_was_taken_in_is_taken_in_again) {
  write("january.csv", "1");
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  const auto job = claim();
  Interrupted interrupted(store_->watch());
  bool first = true;
  interrupted.before_save = [&] {
    if (!std::exchange(first, false)) return;
    write("january.csv", "2", 1, 10);
    ASSERT_TRUE(look());
  };
  WatchedFolder other(interrupted, store_->facts(), *queue_, clock_, watched_->options());
  JobContext context(base::Nanoseconds::max());
  ASSERT_TRUE(other.run(*job, context));
  ASSERT_TRUE(queue_->finish(*job, "{}"));
  EXPECT_EQ(total(), "31");
  EXPECT_EQ(remembered("january.csv").state, WatchedState::fresh);
  settle();
  EXPECT_EQ(total(), "20") << "it was known that what was there had come from it";
}

TEST_F(WatchedFolderTest, a_job_gives_way_to_who_waits_and_leaves_the_rest_to_one_that_comes_after) {
  for (const char* month : {"2025-01", "2025-02", "2025-03"}) write(std::string(month) + ".csv", "1", 1, 28, month);
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  const auto first = claim();
  const auto other = queue_->push({WatchedFolder::kKind, "globex"}).value();
  fs::create_directories(folder_ / "bills/globex");
  const auto result = run(*first).value();
  EXPECT_THAT(result, HasSubstr(R"("files":1)"));
  EXPECT_THAT(result, HasSubstr("as others had waited: 2"));
  ASSERT_TRUE(queue_->finish(*first, result));
  watched_->ended(*first);
  EXPECT_EQ(total(), "28") << "those first that were written first";
  EXPECT_EQ(claim()->id, other.id);
  const auto second = claim();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->customer, "acme");
  EXPECT_EQ(remembered("2025-02.csv").job, second->id) << "whoever cancels it cancels them";
  EXPECT_THAT(run(*second).value(), HasSubstr(R"("files":2)")) << "nobody waits any more";
  ASSERT_TRUE(queue_->finish(*second, "{}"));
  watched_->ended(*second);
  EXPECT_FALSE(claim());
}

TEST_F(WatchedFolderTest, a_job_that_was_cancelled_leaves_nothing_to_another) {
  write("2025-01.csv", "1");
  write("2025-02.csv", "1", 1, 28, "2025-02");
  ASSERT_TRUE(look());
  ASSERT_TRUE(look());
  const auto job = claim();
  ASSERT_TRUE(queue_->push({WatchedFolder::kKind, "globex"}));
  ASSERT_TRUE(queue_->cancel(job->id));  // its context is told with the next heartbeat
  const auto result = run(*job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::cancelled);
  EXPECT_EQ(total(), "31");
  EXPECT_EQ(queue_->fail(*job, "cancelled", false).value(), JobState::cancelled);
  watched_->ended(*job);
  EXPECT_EQ(claim()->customer, "globex");
  EXPECT_FALSE(claim());
}

TEST_F(WatchedFolderTest, a_folder_that_is_not_there_is_told_with_the_task) {
  fs::remove_all(folder_ / "bills");
  const auto looked = look();
  ASSERT_FALSE(looked);
  EXPECT_THAT(looked.error().message, HasSubstr("bills"));
}

}  // namespace
}  // namespace costagent
