#include "costagent/store/connection_pool.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "base/deadline.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

constexpr int kShortMs = 1;

class ConnectionPoolTest : public testing::Test {
 protected:
  ConnectionPoolTest() {
    std::string name = (fs::temp_directory_path() / "pool-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ConnectionPoolTest() override { fs::remove_all(folder_); }
  std::unique_ptr<ConnectionPool> open() const {
    return ConnectionPool::open((folder_ / "costs.db").string(), kShortMs).value();
  }

  fs::path folder_;
};

TEST_F(ConnectionPoolTest, a_second_writer_waits_no_longer_than_it_may) {
  const auto pool = open();
  {
    const auto held = pool->writer();
    ASSERT_TRUE(held);
    std::thread([&] { EXPECT_EQ(pool->writer().error().kind, base::ErrorKind::unavailable); }).join();
  }
  EXPECT_TRUE(pool->writer());
}

TEST_F(ConnectionPoolTest, a_writer_of_another_process_is_not_waited_for_longer_either) {
  const auto pool = open();
  const auto other = open();
  const auto held = other->writer();
  ASSERT_TRUE(held);
  const auto refused = pool->writer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::unavailable);
  EXPECT_NE(refused.error().message.find("another process"), std::string::npos) << refused.error().message;
}

TEST_F(ConnectionPoolTest, readers_are_lent_up_to_the_bound_and_come_back) {
  const auto pool = open();
  std::vector<ConnectionPool::Lease> lent;
  for (std::size_t i = 0; i < ConnectionPool::kMaxReaders; ++i) {
    auto reader = pool->reader();
    ASSERT_TRUE(reader);
    lent.push_back(std::move(*reader));
  }
  EXPECT_EQ(pool->reader().error().kind, base::ErrorKind::unavailable);
  lent.pop_back();
  EXPECT_TRUE(pool->reader());
}

TEST_F(ConnectionPoolTest, nothing_is_waited_for_past_the_deadline) {
  constexpr int kHourMs = 3'600'000;
  const auto pool = ConnectionPool::open((folder_ / "costs.db").string(), kHourMs).value();
  const auto held = pool->writer();
  ASSERT_TRUE(held);
  std::vector<ConnectionPool::Lease> lent;
  for (std::size_t i = 0; i < ConnectionPool::kMaxReaders; ++i) lent.push_back(pool->reader().value());
  std::thread([&] {
    const base::DeadlineScope scope(base::SystemClock::monotonic_now() + std::chrono::milliseconds(2));
    EXPECT_EQ(pool->writer().error().kind, base::ErrorKind::timeout);
    EXPECT_EQ(pool->reader().error().kind, base::ErrorKind::timeout);
  }).join();
  EXPECT_EQ(pool->use().writers, 0u);
  EXPECT_EQ(pool->use().waiting, 0u);
}

TEST_F(ConnectionPoolTest, its_use_tells_readers_waits_and_the_log) {
  const auto pool = open();
  EXPECT_EQ(pool->use().in_use, 0u);
  EXPECT_EQ(pool->use().size, ConnectionPool::kMaxReaders);
  {
    const auto reader = pool->reader();
    const auto held = pool->writer();
    ASSERT_TRUE(reader && held);
    EXPECT_EQ(pool->use().in_use, 1u);
    const auto before = pool->use().wait;
    std::thread([&] { EXPECT_FALSE(pool->writer()); }).join();
    EXPECT_GE(pool->use().wait - before, std::chrono::milliseconds(kShortMs));
    EXPECT_EQ(pool->use().writers, 0u) << "it gave up";
  }
  EXPECT_EQ(pool->use().in_use, 0u);
  auto writer = pool->writer();
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->connection.execute("CREATE TABLE more (x)"));
  ASSERT_TRUE(writer->transaction.commit());
  EXPECT_EQ(pool->use().log_bytes, fs::file_size(folder_ / "costs.db-wal"));
}

TEST_F(ConnectionPoolTest, readers_cannot_write) {
  const auto pool = open();
  auto reader = pool->reader();
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->execute("DELETE FROM job").error().kind, base::ErrorKind::io);
}

TEST_F(ConnectionPoolTest, a_database_that_is_taken_away_is_missed) {
  const auto pool = open();
  EXPECT_TRUE(pool->reader());
  fs::rename(folder_ / "costs.db", folder_ / "away.db");
  EXPECT_EQ(pool->reader().error().kind, base::ErrorKind::unavailable);
  EXPECT_EQ(pool->writer().error().kind, base::ErrorKind::unavailable);
  fs::copy_file(folder_ / "away.db", folder_ / "costs.db");
  EXPECT_FALSE(pool->reader()) << "another file under its name";
  fs::remove(folder_ / "costs.db");
  fs::rename(folder_ / "away.db", folder_ / "costs.db");
  EXPECT_TRUE(pool->reader());
  EXPECT_TRUE(pool->writer());
}

}  // namespace
}  // namespace costagent
