#include "costagent/store/postgres_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/deadline.h"
#include "costagent/store/fact_contract_test.h"
#include "costagent/store/postgres_chunk.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_rollup_sql.h"
#include "costagent/store/postgres_tables.h"
#include "costagent/store/raw_lines.h"
#include "costagent/store/rollup_sql.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using ::testing::HasSubstr;
using testing_support::PostgresServer;
using testing_support::shared_postgres;

// As many as are written in one chunk.
constexpr int kChunk = 8192;

io::Postgres connect(const std::string& url) { return io::Postgres::connect(url, "a test", 60s).value(); }

io::PostgresRows ask(io::Postgres& session, const std::string& sql) {
  auto rows = session.query(sql.c_str(), 60s);
  EXPECT_TRUE(rows) << rows.error().message << "\n" << sql;
  return std::move(rows.value());
}

class PostgresFactsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    url_ = shared_postgres().make_database();
    store_.emplace(url_, clock_);
    session_.emplace(connect(url_));
  }
  FactStore& facts() { return store_->facts(); }
  io::PostgresRows ask(const std::string& sql) { return costagent::ask(*session_, sql); }
  std::int64_t count(const std::string& of) { return ask("SELECT count(*) FROM costagent." + of).integer(0, 0); }

  static void add_charges(FactWriter& writer, int charges) {
    for (int i = 0; i < charges; ++i) {
      const auto added = writer.add(charge("2025-01-02", "EC2", std::to_string(i % 100).c_str(), "1"), "raw");
      ASSERT_TRUE(added) << added.error().message;
    }
  }

  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
  std::string url_;
  std::optional<OpenedPostgresFacts> store_;
  std::optional<io::Postgres> session_;
};

TEST(PostgresFactsOnItsOwnServer, a_server_that_dies_in_mid_delivery_leaves_nothing_and_the_next_try_works) {
  if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  PostgresServer server;
  base::FakeClock clock{base::UtcTime(std::chrono::hours(500'000))};
  OpenedPostgresFacts store(server.url(), clock);
  FactStore& facts = store.facts();
  take_in(facts, "before", {charge("2025-01-01", "EC2", "", "1")});
  auto writer = facts.begin({"acme", Restatement::add}).value();
  ASSERT_TRUE(writer->begin_file({"half.csv", "", "", "half"}));
  base::Result<> added;
  for (int i = 0; i < 10 * kChunk && added; ++i) {
    if (i == 3 * kChunk + 100) server.kill();
    added = writer->add(charge("2025-01-02", "EC2", std::to_string(i % 1000).c_str(), "1"), "raw");
  }
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(writer->publish({})) << "what failed once can't go on";
  writer.reset();

  server.start();
  clock.advance(3s);  // until then the pool doesn't try again
  EXPECT_EQ(billed(facts), "1");
  EXPECT_FALSE(facts.known("acme", "half").value());
  take_in(facts, "half", {charge("2025-01-02", "EC2", "", "2")});
  EXPECT_EQ(billed(facts), "3");
  clock.advance(2h);
  while (facts.clear_leftovers().value()) continue;
  EXPECT_EQ(billed(facts), "3");
  auto session = connect(server.url());
  EXPECT_EQ(ask(session, "SELECT count(*) FROM costagent.charge").integer(0, 0), 2);
  EXPECT_EQ(ask(session, "SELECT count(*) FROM costagent.delivery WHERE state <> 1").integer(0, 0), 0);
}

TEST_F(PostgresFactsTest, whoever_was_away_too_long_adds_nothing_to_what_is_being_cleared_away) {
  const auto was_cleared = [](const base::Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::conflict);
    EXPECT_EQ(error.field, "");
    EXPECT_THAT(error.message, HasSubstr("cleared away"));
  };
  take_in(facts(), "kept", {charge("2025-01-01", "EC2", "", "1")});
  auto adding = facts().begin({"acme", Restatement::add}).value();
  add_file(*adding, "a", {charge("2025-01-02", "EC2", "", "2")});
  ASSERT_TRUE(adding->begin_file({"b.csv", "", "", "b"}));
  auto publishing = facts().begin({"acme", Restatement::add}).value();
  add_file(*publishing, "whole", {charge("2025-01-02", "EC2", "", "4")});

  clock_.advance(2h);
  ASSERT_TRUE(facts().clear_leftovers().value()) << "the first step says that they are given up";
  ASSERT_TRUE(facts().clear_leftovers().value());
  while (facts().clear_leftovers().value()) continue;
  base::Result<> added;
  for (int i = 0; i < 2 * kChunk && added; ++i) added = adding->add(charge("2025-01-03", "EC2", "vm", "1"), "raw");
  ASSERT_FALSE(added);
  was_cleared(added.error());
  const auto published = publishing->publish({});
  ASSERT_FALSE(published);
  was_cleared(published.error());
  adding.reset();
  publishing.reset();
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(billed(facts()), "1");
  for (const char* table : {"charge", "raw_block", "daily_slice", "monthly_service", "part", "file", "delivery"})
    EXPECT_EQ(count(table), 1) << table;
}

TEST_F(PostgresFactsTest, few_rows_of_a_delivery_that_was_given_up_are_refused_as_many_are) {
  const auto given_up = ask("INSERT INTO costagent.delivery (customer, state, touched) VALUES (1, 2, 0) RETURNING id");
  PostgresChunk chunk(store_->pool(), clock_);
  chunk.set_delivery(given_up.integer(0, 0));
  ASSERT_TRUE(chunk.begin());
  ASSERT_TRUE(chunk.add_rows(postgres::raw_block_table(), 1));
  chunk.row().int64(1).int64(0).int64(1).int64(1).int64(1).bytes("x");
  ASSERT_TRUE(chunk.end_row());
  const auto sent = chunk.send_steps();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::conflict);
  EXPECT_EQ(count("raw_block"), 0);
}

TEST_F(PostgresFactsTest, what_is_worked_on_is_not_given_up_however_long_it_takes) {
  auto writer = facts().begin({"acme"}).value();
  ASSERT_TRUE(writer->begin_file({"a.csv", "", "", "a"}));
  for (int i = 0; i < 4; ++i) {
    clock_.advance(50min);
    add_charges(*writer, kChunk);
    EXPECT_FALSE(facts().clear_leftovers().value());
  }
  ASSERT_TRUE(writer->end_file("a", {}));
  ASSERT_TRUE(writer->publish({}));
  EXPECT_EQ(billed(facts()), std::to_string(4 * kChunk));
}

TEST_F(PostgresFactsTest, of_what_was_replaced_no_row_is_left) {
  const auto month = [&](const char* digest, int charges) {
    auto writer = facts().begin({"acme", Restatement::replace}).value();
    ASSERT_TRUE(writer->begin_file({digest, "", "", digest}));
    add_charges(*writer, charges);
    ASSERT_TRUE(writer->end_file(digest, {}));
    ASSERT_TRUE(writer->publish({}));
  };
  month("first", 25'000);
  month("second", 10);
  EXPECT_EQ(count("charge"), 25'010);
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(count("charge"), 10);
  EXPECT_EQ(count("raw_block"), 1);
  EXPECT_EQ(count("daily_slice"), 10);
  EXPECT_EQ(count("monthly_account"), 1);
  EXPECT_EQ(count("part WHERE state = 3"), 1);
  EXPECT_EQ(billed(facts()), "10");
}

TEST_F(PostgresFactsTest, a_charge_keeps_its_columns_and_its_raw_line) {
  Charge whole = charge("2025-01-31", "EC2", "vm", "1.25");
  whole.billing_period_start = base::Seconds(day("2025-02-01"));
  whole.list_cost = number("-0.000000000000000001");
  whole.consumed_quantity = number("7.5");
  take_in(facts(), "one", {whole, charge("2025-01-01", "S3", "", "2")});
  const auto rows = ask(R"sql(
SELECT c.start, c.seconds, c.quantity, c.billed, c.effective, c.list, c.tableoid::regclass,
       convert_from(d.text, 'UTF8'), c.id & 4294967295, d.id
FROM costagent.charge AS c JOIN costagent.slice AS s ON s.id = c.slice JOIN costagent.dictionary AS d ON d.id = s.service
ORDER BY c.start DESC)sql");
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.integer(0, 0), whole.period_start.time_since_epoch().count());
  EXPECT_EQ(rows.integer(0, 1), 3600);
  EXPECT_EQ(rows.text(0, 2), "7.5");
  EXPECT_EQ(rows.text(0, 3), "1.25");
  EXPECT_TRUE(rows.is_null(0, 4)) << "as the billed cost";
  EXPECT_EQ(rows.text(0, 5), "-0.000000000000000001");
  EXPECT_EQ(rows.text(0, 6), "costagent.charge_2025_02");
  EXPECT_EQ(rows.text(0, 7), "EC2");
  EXPECT_EQ(rows.integer(0, 8), 0);
  EXPECT_EQ(rows.text(1, 6), "costagent.charge_1970_01") << "a bill that does not say";

  static constexpr io::PostgresStatement kBlocks{"blocks", R"sql(
SELECT b.packed, b.size, b.lines, f.name FROM costagent.raw_block AS b JOIN costagent.file AS f ON f.id = b.file
ORDER BY b.part)sql"};
  const auto blocks = session_->run(kBlocks, {}, base::SystemClock::monotonic_now() + 60s).value();
  ASSERT_EQ(blocks.size(), 2);
  EXPECT_EQ(unpack(blocks.text(0, 0), static_cast<std::size_t>(blocks.integer(0, 1))).value(), "raw,EC2\n");
  EXPECT_EQ(blocks.integer(0, 2), 1);
  EXPECT_EQ(blocks.text(0, 3), "one.csv");
}

TEST_F(PostgresFactsTest, a_month_is_made_once_by_however_many) {
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&, i] {
      OpenedPostgresFacts store(url_, clock_, 2);
      take_in(store.facts(), std::to_string(i),
              {charge("2025-01-01", "EC2", "", "1"), charge("2025-02-01", "EC2", "", "1")});
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(billed(facts()), "8");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'costagent.daily_slice'::regclass AND "
                "inhrelid::regclass::text LIKE '%2025%'")
                .integer(0, 0),
            2);
}

TEST_F(PostgresFactsTest, a_month_that_somebody_took_away_is_made_again_by_who_tries_again) {
  take_in(facts(), "one", {charge("2025-01-01", "EC2", "", "1")});
  ask("DROP TABLE costagent.daily_slice_2025_01");
  const auto take = [&](const char* name) {
    auto writer = facts().begin({"other"}).value();
    add_file(*writer, name, {charge("2025-01-01", "EC2", "", "2")});
    return writer->publish({});
  };
  EXPECT_FALSE(take("two"));
  EXPECT_TRUE(take("three"));
  EXPECT_EQ(count("daily_slice"), 1);
}

TEST_F(PostgresFactsTest, a_delivery_has_one_session_and_gives_it_to_who_waits) {
  store_.reset();
  OpenedPostgresFacts store(url_, clock_, 1);
  auto writer = store.facts().begin({"acme"}).value();
  ASSERT_TRUE(writer->begin_file({"a.csv", "", "", "a"}));
  EXPECT_EQ(store.pool().use().in_use, 0u) << "between files";
  add_charges(*writer, kChunk);
  EXPECT_EQ(store.pool().use().in_use, 1u) << "while charges are on their way";
  std::thread reader([&] { EXPECT_EQ(store.facts().version("acme").value(), 0); });
  while (store.pool().use().waiting == 0) std::this_thread::yield();
  add_charges(*writer, kChunk);
  reader.join();
  ASSERT_TRUE(writer->end_file("a", {}));
  EXPECT_EQ(store.pool().use().in_use, 0u);
  ASSERT_TRUE(writer->publish({}));
  EXPECT_EQ(billed(store.facts()), std::to_string(2 * kChunk));
}

TEST_F(PostgresFactsTest, a_deadline_ends_a_question_in_the_server) {
  take_in(facts(), "one", {charge("2025-01-01", "EC2", "", "1")});
  const auto transaction = ask("BEGIN; LOCK TABLE costagent.dictionary");
  {
    const base::DeadlineScope deadline(base::SystemClock::monotonic_now() + 100ms);
    const auto late = facts().version("acme");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  }
  ask("ROLLBACK");
  EXPECT_EQ(facts().version("acme").value(), 1);
}

// What a bill of a large company leaves behind, in little: enough rows that reading a table whole is dear.
constexpr const char* kManyRows = R"sql(
SELECT costagent.add_month(p, m - date '1970-01-01')
FROM unnest(ARRAY['charge', 'daily_service', 'daily_account', 'daily_slice']) AS p,
     (SELECT (date '2024-01-01' + n * interval '1 month')::date AS m FROM generate_series(0, 11) AS n) AS months;
INSERT INTO costagent.dictionary (text) SELECT sha256(n::text::bytea) FROM generate_series(1, 20000) AS n;
INSERT INTO costagent.slice (provider, billing_account, account, category, class, service, region, resource, sku,
                             usage_type, pricing_category, commitment, commitment_status, unit, tags, currency)
SELECT n % 3, n % 5, n % 40, n % 4, 1, n % 30, n % 10, n, n % 400, n % 200, 1, n % 50, 1, n % 6, n % 1000, 2
FROM generate_series(1, 20000) AS n;
INSERT INTO costagent.resource SELECT n % 5, n, n, n % 10 FROM generate_series(1, 20000) AS n;
INSERT INTO costagent.delivery (customer, state, touched) SELECT n % 5, 1, n FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.file (customer, delivery, state, name, format, header, beginning, digest, rows, rejected, billed,
                            effective)
SELECT n % 5, n, 1, '', '', '', md5(n::text), md5(n::text), 1, 0, 1, 1 FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.part (delivery, customer, kind, provider, billing_account, billing_period, state, first_day,
                            last_day, rows)
SELECT n, n % 5, n % 10 / 8, n % 3, n % 20, 19723 + n % 100, 1, 19723, 19753, 100 FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.file_part SELECT n, n FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.part_cost SELECT n, 1, 1 FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.facts_version SELECT n, 1 FROM generate_series(1, 3000) AS n;
INSERT INTO costagent.charge
SELECT ((n % 100 + 1)::bigint << 32) + n, n % 20000, 0, 3600, month - date '1970-01-01', 1, 1, NULL, NULL, NULL
FROM (SELECT (date '2024-01-01' + (n % 100) % 12 * interval '1 month')::date AS month, n
      FROM generate_series(1, 60000) AS n) AS charges;
INSERT INTO costagent.raw_block SELECT n % 3000, n, 1, 1, 1, '' FROM generate_series(1, 10000) AS n;
INSERT INTO costagent.daily_utilisation
SELECT n % 5, n % 500, n % 300, 19723 + n / 500, 0, 24, 1, 1, 1, 1, 1, 1 FROM generate_series(1, 50000) AS n;
INSERT INTO costagent.commitment
SELECT n % 3000, n, '', '', n::text::bytea, '', '', '', '', 1, '', 1, 0, 1, 0, 1 FROM generate_series(1, 6000) AS n;
)sql";

// Of a rollup: rows of five customers for every day of the year, or the first of every month.
std::string fill_rollup(Rollup rollup) {
  const bool months = rollup.grain == Grain::month;
  std::string key;
  for (std::size_t i = 0; i < key_size(rollup.level); ++i) key += "n, ";
  return fmt::format(
      "INSERT INTO costagent.{} (customer, {}, part, time, flush, billed) "
      "SELECT customer, {} 1, day::date - date '1970-01-01', 0, 1 "
      "FROM generate_series(timestamp '2024-01-01', '2024-12-31', interval '1 {}') AS day, generate_series(1, 5) AS "
      "customer, generate_series(1, {}) AS n;",
      table_of(rollup), key_names(rollup.level), key, months ? "month" : "day", months ? 500 : 30);
}

// One filled database for all of them: filling it takes longer than they do.
class PostgresPlans : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!PostgresServer::is_installed()) return;
    const std::string url = shared_postgres().make_database();
    const base::FakeClock clock{base::UtcTime(std::chrono::hours(500'000))};
    const OpenedPostgresFacts schema(url, clock);
    session_.emplace(connect(url));
    std::string fill = kManyRows;
    for (const Rollup rollup : kRollups) fill += fill_rollup(rollup);
    costagent::ask(*session_, fill);
    costagent::ask(*session_, "ANALYZE");
  }
  static void TearDownTestSuite() { session_.reset(); }
  void SetUp() override {
    if (!session_) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  }
  static io::PostgresRows ask(const std::string& sql) { return costagent::ask(*session_, sql); }
  static std::string plan(const std::string& of) {
    const auto rows = ask("EXPLAIN " + of);
    std::string text;
    for (int row = 0; row < rows.size(); ++row) text.append(rows.text(row, 0)).append("\n");
    return text;
  }

  static inline std::optional<io::Postgres> session_;
};

TEST_F(PostgresPlans, every_look_up_goes_by_an_index) {
  ask("SET plan_cache_mode = force_generic_plan");
  for (const io::PostgresStatement& statement : postgres::kFactLookUps) {
    ask(fmt::format("PREPARE {} AS {}", statement.name, statement.sql));
    const auto nulls = ask(fmt::format(
        "SELECT repeat(', NULL', cardinality(parameter_types)) FROM pg_prepared_statements WHERE name = '{}'",
        statement.name));
    std::string values(nulls.text(0, 0));
    // Of the month NULL there is no partition that could be looked into.
    if (statement.sql == postgres::kClearCharges.sql) values = ", 19723, 1, 2, 3";
    const std::string text =
        plan(fmt::format("EXECUTE {} {}", statement.name, values.empty() ? "" : "(" + values.substr(2) + ")"));
    EXPECT_THAT(text, testing::Not(HasSubstr("Seq Scan"))) << statement.name;
    EXPECT_THAT(text, HasSubstr("Index")) << statement.name;
  }
}

TEST_F(PostgresPlans, rollups_are_read_by_time_and_only_the_months_that_are_asked_for) {
  for (const Rollup rollup : kRollups) {
    for (const char* to : {"2024-04-01", "2025-01-01"}) {
      std::string select = postgres::statements_of(rollup).select;
      const auto put = [&](const char* parameter, const std::string& value) {
        select.replace(select.find(parameter), 2, value);
      };
      put("$1", "3");
      put("$2", std::to_string(day("2024-03-01").time_since_epoch().count()));
      put("$3", std::to_string(day(to).time_since_epoch().count()));
      ask("BEGIN");
      const std::string text = plan("DECLARE c NO SCROLL CURSOR FOR " + select);
      ask("ROLLBACK");
      EXPECT_THAT(text, testing::Not(HasSubstr("Seq Scan")));
      EXPECT_THAT(text, HasSubstr("Index Cond: ((customer = '3'::bigint) AND (\"time\" >="));
      EXPECT_THAT(text, testing::Not(HasSubstr("2024_02"))) << "what is before";
      if (to == std::string("2024-04-01")) {
        EXPECT_THAT(text, testing::Not(HasSubstr("2024_04"))) << "or behind";
      }
    }
    const std::string clear = fmt::format("PREPARE clear_{0} AS {1}; EXPLAIN EXECUTE clear_{0} (3, 19800, 19801, 1)",
                                          table_of(rollup), postgres::statements_of(rollup).clear.sql);
    const auto rows = ask(clear);
    for (int row = 0; row < rows.size(); ++row)
      EXPECT_THAT(std::string(rows.text(row, 0)), testing::Not(HasSubstr("Seq Scan")));
  }
}

}  // namespace
}  // namespace costagent
