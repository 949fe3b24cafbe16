#include "io/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/deadline.h"

namespace io {
namespace {

namespace fs = std::filesystem;

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    std::string name = (fs::temp_directory_path() / "sqlite-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SqliteTest() override { fs::remove_all(folder_); }
  std::string path() const { return (folder_ / "test.db").string(); }

  fs::path folder_;
};

TEST_F(SqliteTest, what_is_bound_is_what_is_read) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB)"));
  auto insert = connection.prepare("INSERT INTO t VALUES (?, ?, ?, ?)").value();
  const std::string binary("a\0b", 3);
  insert.bind(1, std::int64_t{1} << 62).bind(2, 0.1).bind(3, std::string_view()).bind_blob(4, binary);
  ASSERT_TRUE(insert.run());
  auto select = connection.prepare("SELECT a, b, c, d, NULL FROM t").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.integer(0), std::int64_t{1} << 62);
  EXPECT_EQ(select.real(1), 0.1);
  EXPECT_FALSE(select.is_null(2)) << "empty text is text";
  EXPECT_EQ(select.text(2), "");
  EXPECT_EQ(select.text(3), binary);
  EXPECT_TRUE(select.is_null(4));
  EXPECT_FALSE(select.step().value());
}

TEST_F(SqliteTest, a_transaction_that_is_not_committed_leaves_nothing) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER)"));
  {
    auto transaction = Transaction::begin(connection).value();
    ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(connection.integer("SELECT count(*) FROM t").value(), 0);
  auto transaction = Transaction::begin(connection).value();
  ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(connection.integer("SELECT count(*) FROM t").value(), 1);
}

TEST_F(SqliteTest, each_failure_has_its_kind) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 10).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)"));
  EXPECT_EQ(connection.execute("SELEKT 1").error().kind, base::ErrorKind::internal);
  ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(connection.execute("INSERT INTO t VALUES (1)").error().kind, base::ErrorKind::conflict);

  ASSERT_TRUE(connection.execute("PRAGMA max_page_count = 3"));
  const auto full = connection.execute("CREATE TABLE u (a); CREATE TABLE v (a); CREATE TABLE w (a)");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(full.error().message, testing::HasSubstr("full"));

  auto other = Sqlite::open(path(), Sqlite::Mode::read_write, 10).value();
  const auto held = Transaction::begin(connection).value();
  EXPECT_EQ(Transaction::begin(other).error().kind, base::ErrorKind::unavailable);

  EXPECT_EQ(Sqlite::open((folder_ / "no/such/folder.db").string(), Sqlite::Mode::create, 10).error().kind,
            base::ErrorKind::io);
  EXPECT_EQ(Sqlite::open((folder_ / "missing.db").string(), Sqlite::Mode::read_only, 10).error().kind,
            base::ErrorKind::io);
  std::ofstream(folder_ / "junk.db") << std::string(5000, 'j');
  auto junk = Sqlite::open((folder_ / "junk.db").string(), Sqlite::Mode::read_write, 10).value();
  EXPECT_EQ(junk.integer("PRAGMA user_version").error().kind, base::ErrorKind::corrupt);
}

// A statement that ends with nobody's patience.
constexpr const char* kEndless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

TEST_F(SqliteTest, a_deadline_interrupts_a_statement_and_the_connection_goes_on) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  auto endless = connection.prepare(kEndless).value();
  for (const auto ahead : {base::Nanoseconds(0), base::Nanoseconds(std::chrono::milliseconds(5))}) {
    const base::DeadlineScope scope(base::SystemClock::monotonic_now() + ahead);
    const auto late = endless.step();
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, base::ErrorKind::timeout);
    EXPECT_NE(late.error().message.find("the time for this was over"), std::string::npos) << late.error().message;
  }
  EXPECT_EQ(connection.integer("SELECT 7").value(), 7);
}

TEST_F(SqliteTest, a_write_that_is_interrupted_leaves_nothing) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER)"));
  {
    auto transaction = Transaction::begin(connection).value();
    ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
    const base::DeadlineScope scope(base::SystemClock::monotonic_now());
    const auto late = connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT i FROM n");
    EXPECT_EQ(late.error().kind, base::ErrorKind::timeout);
    EXPECT_FALSE(transaction.commit()) << "SQLite has rolled it back";
  }
  EXPECT_EQ(connection.integer("SELECT count(*) FROM t").value(), 0);
  auto transaction = Transaction::begin(connection).value();
  EXPECT_TRUE(transaction.commit());
}

TEST_F(SqliteTest, a_lock_is_waited_for_no_longer_than_the_deadline) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER)"));
  // The test's own patience ends long before an hour does.
  auto patient = Sqlite::open(path(), Sqlite::Mode::read_write, 3'600'000).value();
  const auto held = Transaction::begin(connection).value();
  const base::DeadlineScope scope(base::SystemClock::monotonic_now() + std::chrono::milliseconds(5));
  const auto late = Transaction::begin(patient);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, base::ErrorKind::timeout);
}

TEST_F(SqliteTest, a_lock_that_is_given_up_in_time_is_had) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 100).value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER)"));
  auto patient = Sqlite::open(path(), Sqlite::Mode::read_write, 3'600'000).value();
  std::optional<Transaction> held(Transaction::begin(connection).value());
  std::thread waiting([&] { EXPECT_TRUE(Transaction::begin(patient)); });
  held.reset();
  waiting.join();
}

TEST_F(SqliteTest, a_file_that_nobody_writes_is_read_without_a_trace) {
  const fs::path odd = folder_ / "what? 100%41 #1.db";
  {
    auto connection = Sqlite::open(odd.string(), Sqlite::Mode::create, 10).value();
    ASSERT_TRUE(connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)"));
  }
  auto unchanging = Sqlite::open(odd.string(), Sqlite::Mode::unchanging, 10).value();
  EXPECT_EQ(unchanging.integer("SELECT a FROM t").value(), 7);
  EXPECT_EQ(unchanging.execute("INSERT INTO t VALUES (8)").error().kind, base::ErrorKind::io);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "no log, no locks";
}

TEST_F(SqliteTest, a_cached_statement_is_prepared_once) {
  auto connection = Sqlite::open(path(), Sqlite::Mode::create, 10).value();
  io::Statement* first = connection.cached("SELECT 1").value();
  ASSERT_TRUE(first->step().value());
  first->reset();
  EXPECT_EQ(connection.cached("SELECT 1").value(), first);
}

}  // namespace
}  // namespace io
