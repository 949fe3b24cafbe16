// One suite of tests for every store: the databases that it is run against.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "costagent/store/open_store.h"
#include "costagent/store/postgres_feedback.h"
#include "costagent/store/postgres_jobs.h"
#include "costagent/store/postgres_leases.h"
#include "costagent/store/postgres_pool.h"
#include "costagent/store/postgres_schema.h"
#include "costagent/store/postgres_state.h"
#include "costagent/store/postgres_watch.h"
#include "io/sqlite.h"
#include "support/databases.h"

namespace costagent {

enum class DatabaseKind { sqlite, postgresql };

// What is opened on a database. Several at once are as of several processes.
class OpenedStore {
 public:
  virtual ~OpenedStore() = default;
  virtual StateStore& state() = 0;
  virtual JobStore& jobs() = 0;
  virtual LeaseStore& leases() = 0;
  virtual WatchStore& watch() = 0;
  virtual FeedbackStore& feedback() = 0;
};

// An empty database, which goes when this does.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  virtual std::unique_ptr<OpenedStore> open() = 0;
  // A text that changes when recommendations are written, be it with what was there before.
  virtual std::string last_write() = 0;
};

class SqliteDatabase final : public TestDatabase {
 public:
  SqliteDatabase() {
    std::string name = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SqliteDatabase() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<OpenedStore> open() override {
    auto store = open_store("sqlite:" + path());
    EXPECT_TRUE(store) << store.error().message;
    return std::make_unique<Opened>(std::move(*store));
  }

  std::string last_write() override {
    if (!watcher_) watcher_.emplace(io::Sqlite::open(path(), io::Sqlite::Mode::read_write, 10).value());
    return std::to_string(watcher_->integer("PRAGMA data_version").value());
  }

 private:
  class Opened final : public OpenedStore {
   public:
    explicit Opened(std::unique_ptr<Store> store) : store_(std::move(store)) {}
    StateStore& state() override { return store_->state(); }
    JobStore& jobs() override { return store_->jobs(); }
    LeaseStore& leases() override { return store_->leases(); }
    WatchStore& watch() override { return store_->watch(); }
    FeedbackStore& feedback() override { return store_->feedback(); }

   private:
    std::unique_ptr<Store> store_;
  };

  std::string path() const { return (folder_ / "costs.db").string(); }

  std::filesystem::path folder_;
  std::optional<io::Sqlite> watcher_;
};

// All use the same one, after each other: to empty it is quicker than to make another.
class PostgresDatabase final : public TestDatabase {
 public:
  PostgresDatabase() { ask("DROP SCHEMA IF EXISTS costagent CASCADE"); }

  std::unique_ptr<OpenedStore> open() override {
    const auto until = base::SystemClock::monotonic_now() + std::chrono::seconds(60);
    auto pool = PostgresPool::open({url_, 4, 1}, clock_, until);
    EXPECT_TRUE(pool) << pool.error().message;
    const auto migrated = migrate_postgres(*(*pool)->lend(until).value(), until);
    EXPECT_TRUE(migrated) << migrated.error().message;
    return std::make_unique<Opened>(std::move(*pool));
  }

  std::string last_write() override {
    return std::string(ask("SELECT string_agg(ctid || ' ' || xmin || ' ' || xmax, ', ' ORDER BY id)"
                           " FROM costagent.recommendation")
                           .text(0, 0));
  }

 private:
  class Opened final : public OpenedStore {
   public:
    explicit Opened(std::unique_ptr<PostgresPool> pool)
        : pool_(std::move(pool)), state_(*pool_), jobs_(*pool_), leases_(*pool_), watch_(*pool_), feedback_(*pool_) {}
    StateStore& state() override { return state_; }
    JobStore& jobs() override { return jobs_; }
    LeaseStore& leases() override { return leases_; }
    WatchStore& watch() override { return watch_; }
    FeedbackStore& feedback() override { return feedback_; }

   private:
    std::unique_ptr<PostgresPool> pool_;
    PostgresState state_;
    PostgresJobs jobs_;
    PostgresLeases leases_;
    PostgresWatch watch_;
    PostgresFeedback feedback_;
  };

  io::PostgresRows ask(const char* sql) const {
    constexpr auto kPatience = std::chrono::seconds(60);
    auto session = io::Postgres::connect(url_, "a test", kPatience).value();
    return std::move(session.query(sql, kPatience).value());
  }

  base::SystemClock clock_;
  std::string url_ = testing_support::shared_postgres().url();
};

// Each of its tests has an empty database and a store that is open on it.
class ContractTest : public testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    if (GetParam() == DatabaseKind::sqlite) {
      database_ = std::make_unique<SqliteDatabase>();
    } else if (testing_support::PostgresServer::is_installed()) {
      database_ = std::make_unique<PostgresDatabase>();
    } else {
      GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    }
    store_ = database_->open();
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<OpenedStore> store_;
};

inline std::string name_of_kind(const testing::TestParamInfo<DatabaseKind>& kind) {
  return kind.param == DatabaseKind::sqlite ? "sqlite" : "postgresql";
}

inline auto every_store() { return testing::Values(DatabaseKind::sqlite, DatabaseKind::postgresql); }

}  // namespace costagent
