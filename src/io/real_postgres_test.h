// What the tests of the adapter share: a real server with a table of items, and a session that is open on it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "io/postgresql.h"
#include "support/databases.h"

namespace io {

inline constexpr PostgresStatement kAdd{"add", "INSERT INTO item (id, word) VALUES ($1, $2)"};
inline constexpr PostgresStatement kWord{"word", "SELECT word FROM item WHERE id = $1"};
inline constexpr PostgresStatement kCount{"count", "SELECT count(*) FROM item"};
inline constexpr PostgresStatement kOne{"one", "SELECT 1"};
inline constexpr const char* kCopy = "COPY item (id, word) FROM STDIN (FORMAT binary)";

// The moment that is so far away.
inline base::Nanoseconds in(base::Nanoseconds time) { return base::SystemClock::monotonic_now() + time; }

inline PostgresValues id(std::int64_t value) { return PostgresValues().int64(value); }
inline PostgresValues item(std::int64_t id, std::string_view word) { return PostgresValues().int64(id).text(word); }

// Each test has an empty table `item`; the server is one for all of them, whichever file they stand in.
class RealPostgres : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{10};

  static void SetUpTestSuite() {
    if (testing_support::PostgresServer::is_installed()) server_ = std::make_unique<testing_support::PostgresServer>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    session_ = connect();
    ASSERT_TRUE(
        session_->query("DROP TABLE IF EXISTS item; CREATE TABLE item (id bigint PRIMARY KEY, word text)", kPatience));
  }
  static std::unique_ptr<Postgres> connect() {
    auto connected = Postgres::connect(server_->url(), "a test", kPatience);
    EXPECT_TRUE(connected) << connected.error().message;
    return std::make_unique<Postgres>(std::move(*connected));
  }
  std::int64_t count() { return session_->run(kCount, {}, in(kPatience)).value().integer(0, 0); }

  static inline std::unique_ptr<testing_support::PostgresServer> server_;
  std::unique_ptr<Postgres> session_;
};

}  // namespace io
