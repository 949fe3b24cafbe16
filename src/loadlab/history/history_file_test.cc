// Who may open a history, and what becomes of its file.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "io/sqlite.h"
#include "loadlab/history/history_folder_test.h"
#include "loadlab/history/queries.h"

namespace loadlab {
namespace {

using ::testing::HasSubstr;

class HistoryFile : public HistoryFolder {
 protected:
  void keep(History& history) {
    const auto id = history.begin_run({}).value();
    ASSERT_TRUE(history.end_run(id, RunResult{}, "{}"));
  }
};

TEST_F(HistoryFile, what_is_no_history_is_left_as_it_is) {
  EXPECT_EQ(History::open_existing(path(), clock_).error().kind, base::ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(path()));
  {
    auto other = io::Sqlite::open(path(), io::Sqlite::Mode::create, 100).value();
    ASSERT_TRUE(other.execute("CREATE TABLE theirs (a INTEGER)"));
  }
  EXPECT_EQ(History::open(path(), clock_).error().kind, base::ErrorKind::corrupt);
  auto other = io::Sqlite::open(path(), io::Sqlite::Mode::read_only, 100).value();
  EXPECT_EQ(other.integer("SELECT count(*) FROM sqlite_schema").value(), 1);

  const std::string newer = folder_ + "/newer.db";
  ASSERT_TRUE(History::open(newer, clock_));
  ASSERT_TRUE(io::Sqlite::open(newer, io::Sqlite::Mode::read_write, 100)->execute("PRAGMA user_version = 99"));
  EXPECT_THAT(History::open(newer, clock_).error().message, HasSubstr("newer loadlab"));

  std::ofstream(folder_ + "/text.db") << std::string(5'000, 'x');
  EXPECT_EQ(History::open(folder_ + "/text.db", clock_).error().kind, base::ErrorKind::corrupt);
}

TEST_F(HistoryFile, a_file_of_version_1_is_brought_up_to_date_and_keeps_its_runs) {
  {
    auto file = io::Sqlite::open(path(), io::Sqlite::Mode::create, 100).value();
    ASSERT_TRUE(file.execute(history::kTables));
    ASSERT_TRUE(file.execute(R"sql(
        INSERT INTO run VALUES (1, 'shop', '0.1', 'abc', 'the plan', 1, 1, 2, 'here', 'EPYC', 2, 16000, 'Linux 6.1.0',
                                'EPYC, 2 cores, 16 GB, Linux 6', 0, 0, '{}');
        INSERT INTO test VALUES (1, 0, 'normal', '5 users', 'http://127.0.0.1:1', 0, 12, 2, '');
        INSERT INTO figure VALUES (1, 0, '', 'p95_response_time_ms', 7);
        INSERT INTO block VALUES (1, 0, 0, 0, 1, 5, 0, 0, 5, 1.5, NULL, x'');)sql"));
    ASSERT_TRUE(file.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = 1", history::kApplicationId).c_str()));
  }
  EXPECT_EQ(History::open_existing(path(), clock_).value().runs({}).value().size(), 1u) << "whoever opens it first";
  History history = open();
  const auto old = history.run(1, true).value().value();
  EXPECT_EQ(old.plan, "the plan");
  EXPECT_EQ(old.variables, std::nullopt) << "nobody knows";
  EXPECT_EQ(old.tests.at(0).load_digest, "");
  EXPECT_EQ(old.tests.at(0).figure("p95_response_time_ms"), 7);
  EXPECT_EQ(old.tests.at(0).blocks.at(0).steps, "");
  EXPECT_EQ(history.summary(1).value(), "{}");
  RunHead head;
  head.suite = "shop";
  head.machine = {"here", "EPYC", 2, 16'000, "Linux 6.1.0"};
  const auto id = history.begin_run(head).value();
  TestResult test;
  test.name = "normal";
  ASSERT_TRUE(history.end_test(id, 0, test));
  ASSERT_TRUE(history.end_run(id, RunResult{}, "{}"));
  EXPECT_EQ(history.comparable(*history.run(id, false).value(), 5).value().runs.size(), 1u) << "it is still a baseline";
  EXPECT_EQ(History::open(path(), clock_).value().runs({}).value().size(), 2u) << "and it is done once";
}

// Another user, who may not write in the folder, looks in a process of their own.
class AnotherUser {
 public:
  explicit AnotherUser(const std::function<bool()>& look) : process_(::fork()) {
    if (process_ != 0) return;
    constexpr uid_t kNobody = 65534;
    // Who isn't root is held off by the folder's own rights.
    const bool other = ::geteuid() != 0 || ::setresuid(kNobody, kNobody, kNobody) == 0;
    ::_exit(other && look() ? 0 : 1);
  }
  bool saw_it() const {
    int status = 0;
    return ::waitpid(process_, &status, 0) == process_ && status == 0;
  }

 private:
  pid_t process_;
};

TEST_F(HistoryFile, who_may_only_read_reads) {
  {
    History writer = open();
    keep(writer);
  }
  std::filesystem::permissions(path(), std::filesystem::perms(0444));
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  const AnotherUser user([&] {
    auto history = History::open_existing(path(), clock_);
    return history && history->runs({}).value().size() == 1 && history->run(1, true).value().has_value();
  });
  EXPECT_TRUE(user.saw_it());
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
}

TEST_F(HistoryFile, who_may_only_read_sees_what_others_write_meanwhile) {
  {
    History writer = open();
    keep(writer);
  }
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  int to_reader[2];
  int to_writer[2];
  ASSERT_EQ(::pipe(to_reader), 0);
  ASSERT_EQ(::pipe(to_writer), 0);
  const AnotherUser user([&] {
    auto history = History::open_existing(path(), clock_);
    const bool one = history && history->runs({}).value().size() == 1;
    char written = 0;
    if (::write(to_writer[1], "x", 1) != 1 || ::read(to_reader[0], &written, 1) != 1) return false;
    const auto runs = one ? history->runs({}) : base::Result<std::vector<RunRecord>>();
    return one && runs && runs->size() == 2;
  });
  char has_looked = 0;
  ASSERT_EQ(::read(to_writer[0], &has_looked, 1), 1);
  History writer = open();
  keep(writer);
  ASSERT_EQ(::write(to_reader[1], "x", 1), 1);
  EXPECT_TRUE(user.saw_it());
  for (const int end : {to_reader[0], to_reader[1], to_writer[0], to_writer[1]}) ::close(end);
}

TEST_F(HistoryFile, reading_changes_nothing) {
  std::ofstream(path()).close();
  EXPECT_EQ(History::open_existing(path(), clock_).error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(std::filesystem::file_size(path()), 0u);
  std::optional<History> writer(open());
  keep(*writer);
  writer.reset();
  const auto written = std::filesystem::last_write_time(path());
  {
    History reader = History::open_existing(path(), clock_).value();
    EXPECT_EQ(reader.runs({}).value().size(), 1u);
    EXPECT_EQ(reader.begin_run({}).error().kind, base::ErrorKind::io);
  }
  EXPECT_EQ(std::filesystem::last_write_time(path()), written);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()), 1)
      << "nothing is left beside it";
}

}  // namespace
}  // namespace loadlab
