// What the tests of every store of facts have in common: the databases, charges, and how they are taken in.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/store/open_store.h"
#include "costagent/store/postgres_facts.h"
#include "costagent/store/postgres_schema.h"
#include "support/databases.h"

namespace costagent {

enum class FactDatabase { sqlite, postgresql };

inline auto every_store() { return testing::Values(FactDatabase::sqlite, FactDatabase::postgresql); }
inline std::string name_of_kind(const testing::TestParamInfo<FactDatabase>& kind) {
  return kind.param == FactDatabase::sqlite ? "sqlite" : "postgresql";
}

// What is opened on a database. Several at once are as of several processes.
class OpenedFacts {
 public:
  virtual ~OpenedFacts() = default;
  virtual FactStore& facts() = 0;
};

class OpenedSqliteFacts final : public OpenedFacts {
 public:
  OpenedSqliteFacts(const std::string& url, const base::Clock& clock) : store_(open_store(url, clock).value()) {}
  FactStore& facts() override { return store_->facts(); }

 private:
  std::unique_ptr<Store> store_;
};

class OpenedPostgresFacts final : public OpenedFacts {
 public:
  OpenedPostgresFacts(const std::string& url, const base::Clock& clock, std::size_t sessions = 4)
      : pool_(PostgresPool::open({url, sessions, 1}, clock, soon()).value()), facts_(*pool_, clock) {
    const auto migrated = migrate_postgres(*pool_->lend(soon()).value(), soon());
    EXPECT_TRUE(migrated) << migrated.error().message;
  }
  FactStore& facts() override { return facts_; }
  PostgresPool& pool() { return *pool_; }

 private:
  static base::Nanoseconds soon() { return base::SystemClock::monotonic_now() + std::chrono::minutes(1); }

  std::unique_ptr<PostgresPool> pool_;
  PostgresFacts facts_;
};

inline base::Decimal number(std::string_view text) { return base::Decimal::parse(text).value(); }

inline base::Day day(const char* text) { return base::parse_day(text).value(); }

inline Charge charge(const char* date, const char* service, const char* resource, const char* cost) {
  Charge charge;
  charge.provider = "AWS";
  charge.sub_account_id = "1234";
  charge.service = service;
  charge.region = "eu-west-1";
  charge.resource_id = resource;
  charge.resource_name = std::string("name of ") + resource;
  charge.resource_type = "Instance";
  charge.period_start = base::Seconds(day(date)) + std::chrono::hours(23);
  charge.period_end = charge.period_start + std::chrono::hours(1);
  charge.currency = "USD";
  charge.billed_cost = number(cost);
  charge.effective_cost = charge.list_cost = charge.contracted_cost = charge.billed_cost;
  return charge;
}

inline void add_file(FactWriter& writer, const std::string& digest, const std::vector<Charge>& charges) {
  ASSERT_TRUE(writer.begin_file({digest + ".csv", "FOCUS 1.0", "header", "beginning of " + digest}));
  FileTally tally;
  for (const Charge& each : charges) {
    const auto added = writer.add(each, "raw," + each.service);
    ASSERT_TRUE(added) << added.error().message;
    ++tally.rows;
    tally.billed_cost += each.billed_cost;
    tally.effective_cost += each.effective_cost;
  }
  const auto ended = writer.end_file(digest, tally);
  ASSERT_TRUE(ended) << ended.error().message;
}

// Takes in one file as a delivery of its own.
inline Publication take_in(FactStore& facts, const std::string& digest, const std::vector<Charge>& charges,
                           const std::string& customer = "acme", Restatement restatement = Restatement::add) {
  auto writer = facts.begin({customer, restatement});
  EXPECT_TRUE(writer) << writer.error().message;
  add_file(**writer, digest, charges);
  auto published = (*writer)->publish({});
  EXPECT_TRUE(published) << published.error().message;
  return published ? *published : Publication();
}

inline TotalsQuery totals(const char* from, const char* to) { return {"acme", {day(from), day(to)}, {}}; }

inline std::string billed(FactStore& facts, const char* from = "2020-01-01", const char* to = "2030-01-01") {
  const auto page = facts.totals(totals(from, to));
  if (!page) return page.error().message;
  return page->sum.empty() ? "none" : page->sum[0].costs.billed.to_string();
}

// Each of its tests has an empty database and a store that is open on it.
class FactContractTest : public testing::TestWithParam<FactDatabase> {
 protected:
  void SetUp() override {
    if (GetParam() == FactDatabase::sqlite) {
      std::string name = (std::filesystem::temp_directory_path() / "facts-XXXXXX").string();
      folder_ = ::mkdtemp(name.data());
      url_ = "sqlite:" + (folder_ / "costs.db").string();
    } else if (testing_support::PostgresServer::is_installed()) {
      url_ = testing_support::shared_postgres().make_database();
    } else {
      GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    }
    open();
  }
  void TearDown() override {
    close();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  const std::string& url() const { return url_; }
  std::unique_ptr<OpenedFacts> open_facts(const std::string& url) {
    if (GetParam() == FactDatabase::sqlite) return std::make_unique<OpenedSqliteFacts>(url, clock_);
    return std::make_unique<OpenedPostgresFacts>(url, clock_);
  }
  void close() { store_.reset(); }
  void open() {
    close();
    store_ = open_facts(url_);
  }
  FactStore& facts() { return store_->facts(); }

  Publication take_in(const std::string& digest, const std::vector<Charge>& charges,
                      const std::string& customer = "acme", Restatement restatement = Restatement::add) {
    return costagent::take_in(facts(), digest, charges, customer, restatement);
  }
  std::string billed(const char* from = "2020-01-01", const char* to = "2030-01-01") {
    return costagent::billed(facts(), from, to);
  }

 private:
  base::SystemClock clock_;
  std::filesystem::path folder_;
  std::string url_;
  std::unique_ptr<OpenedFacts> store_;
};

}  // namespace costagent
