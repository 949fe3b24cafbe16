#include "costagent/store/postgres_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "costagent/store/open_store.h"
#include "costagent/store/postgres_detail_queries.h"
#include "costagent/store/postgres_feedback_queries.h"
#include "costagent/store/postgres_job_queries.h"
#include "costagent/store/postgres_queries.h"
#include "support/databases.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using ::testing::HasSubstr;
using testing_support::PostgresServer;
using testing_support::shared_postgres;

class PostgresSchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    url_ = shared_postgres().make_database();
  }
  static io::Postgres connect(const std::string& url) { return io::Postgres::connect(url, "a test", 10s).value(); }
  static base::Result<> migrate(io::Postgres& session) {
    return migrate_postgres(session, base::SystemClock::monotonic_now() + 60s);
  }
  static std::int64_t number(io::Postgres& session, const char* sql) {
    const auto rows = session.query(sql, 10s);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? rows->integer(0, 0) : -1;
  }

  std::string url_;
};

TEST_F(PostgresSchemaTest, an_empty_database_gets_the_newest_schema_and_keeps_it) {
  auto session = connect(url_);
  std::set<std::int64_t> written;
  for (int round = 0; round < 2; ++round) {
    const auto migrated = migrate(session);
    ASSERT_TRUE(migrated) << migrated.error().message;
    EXPECT_EQ(number(session, "SELECT version FROM costagent.schema_version"), newest_postgres_schema());
    EXPECT_TRUE(session.is_idle());
    written.insert(number(session, "SELECT xmin::text::bigint FROM costagent.schema_version"));
  }
  EXPECT_EQ(written.size(), 1u) << "the second time there was nothing to do";
}

TEST_F(PostgresSchemaTest, a_copy_is_the_same_database_and_another_instance) {
  const std::string first = open_store(url_).value()->identity();
  const std::string instance = open_store(url_).value()->instance();
  const std::string name = url_.substr(url_.rfind('/') + 1, url_.find('?') - url_.rfind('/') - 1);
  const std::string other = shared_postgres().make_database();
  {
    auto session = connect(other);
    const auto copied = session.query(fmt::format("CREATE DATABASE {0}_copy TEMPLATE {0}", name).c_str(), 60s);
    ASSERT_TRUE(copied) << copied.error().message;
  }
  std::string url = url_;
  url.replace(url.rfind('/') + 1, name.size(), name + "_copy");
  const auto copy = open_store(url).value();
  EXPECT_EQ(copy->identity(), first);
  EXPECT_NE(copy->instance(), instance);
  EXPECT_EQ(open_store(url_).value()->instance(), instance);
}

TEST_F(PostgresSchemaTest, of_many_who_start_at_once_one_migrates_and_all_go_on) {
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] {
      auto session = connect(url_);
      const auto migrated = migrate(session);
      EXPECT_TRUE(migrated) << migrated.error().message;
    });
  }
  for (std::thread& worker : workers) worker.join();
  auto session = connect(url_);
  EXPECT_EQ(number(session, "SELECT count(*) FROM costagent.schema_version"), 1);
}

TEST_F(PostgresSchemaTest, a_newer_versions_database_is_left_as_it_is) {
  auto session = connect(url_);
  ASSERT_TRUE(migrate(session));
  ASSERT_TRUE(session.query("UPDATE costagent.schema_version SET version = version + 1", 10s));
  const auto refused = migrate(session);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
  EXPECT_EQ(number(session, "SELECT version FROM costagent.schema_version"), newest_postgres_schema() + 1);
}

TEST_F(PostgresSchemaTest, another_programs_schema_is_left_as_it_is) {
  auto session = connect(url_);
  ASSERT_TRUE(session.query("CREATE SCHEMA costagent; CREATE TABLE costagent.theirs (a int)", 10s));
  const auto refused = migrate(session);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(number(session, "SELECT count(*) FROM pg_class WHERE relnamespace = 'costagent'::regnamespace"), 1);
}

TEST_F(PostgresSchemaTest, a_role_that_may_make_nothing_is_told_what_it_needs) {
  shared_postgres().psql("CREATE ROLE modest LOGIN");
  std::string url = url_;
  url.replace(url.find("postgres@"), 8, "modest");
  auto session = connect(url);
  const auto refused = migrate(session);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("GRANT CREATE"));
  EXPECT_TRUE(session.is_idle());
  ASSERT_TRUE(connect(url_).query("CREATE SCHEMA costagent AUTHORIZATION modest", 10s));
  const auto migrated = migrate(session);
  EXPECT_TRUE(migrated) << migrated.error().message;
}

// How PostgreSQL would carry a statement out, whatever its parameters. It would rather read a small table whole: it is
// told not to, and what it still reads so has no index.
std::vector<std::string> plan_of(io::Postgres& session, const io::PostgresStatement& statement) {
  const auto ask = [&](const std::string& sql) {
    auto rows = session.query(sql.c_str(), 10s);
    EXPECT_TRUE(rows) << rows.error().message << sql;
    return std::move(rows.value());
  };
  ask("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off");
  ask(fmt::format("PREPARE {} AS {}", statement.name, statement.sql));
  const auto count = ask(
      fmt::format("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = '{}'", statement.name));
  const std::vector<std::string> nulls(static_cast<std::size_t>(count.integer(0, 0)), "NULL");
  const std::string parameters = nulls.empty() ? "" : fmt::format("({})", fmt::join(nulls, ", "));
  const auto rows = ask(fmt::format("EXPLAIN EXECUTE {} {}", statement.name, parameters));
  std::vector<std::string> plan;
  for (int row = 0; row < rows.size(); ++row) plan.emplace_back(rows.text(row, 0));
  return plan;
}

std::ptrdiff_t lines_with(const std::vector<std::string>& plan, std::string_view text) {
  return std::count_if(plan.begin(), plan.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

TEST_F(PostgresSchemaTest, every_look_up_goes_by_an_index) {
  auto session = connect(url_);
  ASSERT_TRUE(migrate(session));
  std::vector<io::PostgresStatement> statements(postgres::kLookUps.begin(), postgres::kLookUps.end());
  statements.insert(statements.end(), postgres::kFeedbackLookUps.begin(), postgres::kFeedbackLookUps.end());
  for (const io::PostgresStatement& statement : statements) {
    const auto plan = plan_of(session, statement);
    EXPECT_EQ(lines_with(plan, "Seq Scan"), 0) << statement.name;
    EXPECT_GT(lines_with(plan, "Index Cond") + lines_with(plan, "Conflict Arbiter"), 0) << statement.name;
    EXPECT_GE(lines_with(plan, "Index Cond"), lines_with(plan, "Index Scan") + lines_with(plan, "Index Only Scan"))
        << statement.name;
  }
}

// The order comes from the index, so that a page is read no further than it goes.
TEST_F(PostgresSchemaTest, what_is_told_besides_costs_is_read_by_an_index_in_its_order) {
  auto session = connect(url_);
  ASSERT_TRUE(migrate(session));
  ASSERT_TRUE(session.query("SET enable_sort = off; SET enable_bitmapscan = off", 10s));
  for (const io::PostgresStatement& statement : postgres::kDetailCursors) {
    const auto plan = plan_of(session, statement);
    EXPECT_EQ(lines_with(plan, "Seq Scan") + lines_with(plan, "Sort"), 0) << statement.name;
    EXPECT_EQ(lines_with(plan, "Index Cond"), 1) << statement.name;
  }
  for (const io::PostgresStatement& statement : postgres::kClearDetails) {
    const auto plan = plan_of(session, statement);
    EXPECT_EQ(lines_with(plan, "Seq Scan"), 0) << statement.name;
    EXPECT_EQ(lines_with(plan, "Index Cond"), 1) << statement.name;
  }
}

// A claim goes through the ready jobs alone, by an index that holds no others.
TEST_F(PostgresSchemaTest, jobs_are_found_by_an_index) {
  auto session = connect(url_);
  ASSERT_TRUE(migrate(session));
  for (const io::PostgresStatement& statement : postgres::kJobLookUps) {
    const auto plan = plan_of(session, statement);
    const std::string all = fmt::format("{}\n{}", statement.name, fmt::join(plan, "\n"));
    EXPECT_EQ(lines_with(plan, "Seq Scan"), 0) << all;
    EXPECT_GE(lines_with(plan, "Index Cond") + lines_with(plan, "using job_ready"),
              lines_with(plan, "Index Scan") + lines_with(plan, "Index Only Scan"))
        << all;
    const int of_ready = std::string_view(statement.name) == postgres::kClaimJob.name ? 3 : 0;
    EXPECT_GE(lines_with(plan, "using job_ready"), of_ready) << all;
  }
}

// A connection would take one for the other.
TEST(PostgresStatements, have_names_of_their_own) {
  std::set<std::string_view> names;
  std::size_t statements = 0;
  const auto add = [&](const io::PostgresStatement& statement) {
    names.insert(statement.name);
    ++statements;
  };
  std::for_each(postgres::kLookUps.begin(), postgres::kLookUps.end(), add);
  std::for_each(postgres::kFeedbackLookUps.begin(), postgres::kFeedbackLookUps.end(), add);
  std::for_each(postgres::kJobLookUps.begin(), postgres::kJobLookUps.end(), add);
  std::for_each(postgres::kDetailCursors.begin(), postgres::kDetailCursors.end(), add);
  std::for_each(postgres::kClearDetails.begin(), postgres::kClearDetails.end(), add);
  EXPECT_EQ(names.size(), statements);
}

}  // namespace
}  // namespace costagent
