// The store's side of the adapter, against the real server: prepared statements, pipelines, transactions.
#include "io/postgresql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "io/postgresql_copy.h"
#include "io/postgresql_failure.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"
#include "io/real_postgres_test.h"

namespace io {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using ::testing::HasSubstr;
using Mode = PostgresTransaction::Mode;

constexpr PostgresStatement kSleep{"sleep", "SELECT pg_sleep($1)"};

TEST_F(RealPostgres, values_come_back_as_they_were_given) {
  static constexpr PostgresStatement kEcho{
      "echo",
      "SELECT $1::smallint, $2::integer, $3::bigint, $4::float8, $5::bool, $6::text, $7::bytea, $8::numeric::text, "
      "$9::text[] = ARRAY['a', 'b c'], $10::text, $1::float4, $11::text[] = ARRAY[]::text[]"};
  const std::string zero("a\0b", 3);
  const std::vector<std::string> words{"a", "b c"};
  PostgresValues values;
  values.int16(-3).int32(-70'000).int64(std::int64_t{-5} << 40U).real(-0.1).boolean(true).text("größer").bytes(zero);
  values.numeric("-12345678901234567890.000000000000000000000000000000001").texts(words).null().texts({});
  const auto rows = session_->run(kEcho, values, in(10s));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->integer(0, 0), -3);
  EXPECT_EQ(rows->integer(0, 1), -70'000);
  EXPECT_EQ(rows->integer(0, 2), std::int64_t{-5} << 40U);
  EXPECT_EQ(rows->number(0, 3), -0.1);
  EXPECT_EQ(rows->number(0, 1), -70'000.0);
  EXPECT_EQ(rows->number(0, 10), -3.0);
  EXPECT_TRUE(rows->boolean(0, 4));
  EXPECT_EQ(rows->text(0, 5), "größer");
  EXPECT_EQ(rows->text(0, 6), zero);
  EXPECT_EQ(rows->text(0, 7), "-12345678901234567890.000000000000000000000000000000001");
  EXPECT_TRUE(rows->boolean(0, 8));
  EXPECT_TRUE(rows->is_null(0, 9));
  EXPECT_TRUE(rows->boolean(0, 11));
}

TEST_F(RealPostgres, a_statement_is_prepared_once_a_connection_under_its_name) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session_->run(kAdd, item(i, "x"), in(10s)));
  const auto prepared = session_->query("SELECT name FROM pg_prepared_statements", 10s);
  ASSERT_EQ(prepared->size(), 1);
  EXPECT_EQ(prepared->text(0, 0), "add");
  EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 3);
}

TEST_F(RealPostgres, refusals_have_a_kind_and_leave_the_connection_good) {
  ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
  const auto twice = session_->run(kAdd, item(1, "y"), in(10s));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  EXPECT_THAT(twice.error().message, HasSubstr("add"));
  EXPECT_EQ(session_->refusal(), "23505");
  EXPECT_EQ(session_->run(kAdd, item(2, std::string_view("a\0b", 3)), in(10s)).error().kind, ErrorKind::invalid)
      << "cut at the zero it would be another text";
  static constexpr PostgresStatement kWrong{"wrong", "SELECT * FROM nowhere"};
  EXPECT_EQ(session_->run(kWrong, {}, in(10s)).error().kind, ErrorKind::invalid);
  EXPECT_TRUE(session_->is_open());
  EXPECT_EQ(session_->run(kWord, id(1), in(10s))->text(0, 0), "x");
}

TEST(PostgresFailure, every_class_of_states_has_its_kind) {
  EXPECT_EQ(kind_of_state("40001"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_state("40P01"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_state("53300"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_state("57P03"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_state("53100"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_state("54000"), ErrorKind::too_large);
  EXPECT_EQ(kind_of_state("XX001"), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_state("XX000"), ErrorKind::internal);
  EXPECT_EQ(kind_of_state(""), ErrorKind::internal);
}

TEST_F(RealPostgres, a_statement_past_its_time_is_ended_in_the_server_and_the_connection_stays_good) {
  const auto late = session_->run(kSleep, PostgresValues().real(60), in(20ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  EXPECT_EQ(session_->refusal(), "57014");
  EXPECT_TRUE(session_->is_open() && session_->is_idle());
  EXPECT_TRUE(session_->run(kSleep, PostgresValues().real(0.05), in(10s))) << "the next one has time of its own";
  EXPECT_EQ(session_->run(kOne, {}, base::SystemClock::monotonic_now()).error().kind, ErrorKind::timeout);
  EXPECT_EQ(session_->run(kOne, {}, in(10s))->integer(0, 0), 1);
}

// Behind the last statement's answer comes a refusal of them all: here of a constraint that is looked at at the end.
TEST_F(RealPostgres, what_is_refused_at_the_end_of_the_transaction_is_told_and_leaves_the_connection_good) {
  ASSERT_TRUE(session_->query("ALTER TABLE item ADD UNIQUE (word) DEFERRABLE INITIALLY DEFERRED", 10s));
  ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
  for (int i = 0; i < 2; ++i) {
    const auto twice = session_->run(kAdd, item(2, "x"), in(10s));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
    EXPECT_EQ(session_->refusal(), "23505");
    EXPECT_TRUE(session_->is_open() && session_->is_idle());
  }
  EXPECT_EQ(count(), 1);
}

TEST_F(RealPostgres, the_servers_time_out_is_never_above_what_is_left_and_set_anew_only_when_it_has_to_be) {
  constexpr const char* kSetting = "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'";
  const auto setting = [&] { return session_->query(kSetting, 10s)->integer(0, 0); };
  ASSERT_TRUE(session_->run(kOne, {}, in(10s)));
  const auto first = setting();
  EXPECT_LE(first, 10'000);
  EXPECT_GT(first, 8'000);
  ASSERT_TRUE(session_->run(kOne, {}, in(10s)));
  EXPECT_EQ(setting(), first);
  ASSERT_TRUE(session_->run(kOne, {}, in(2s)));
  EXPECT_LE(setting(), 2'000);
  ASSERT_TRUE(session_->run(kOne, {}, in(100h)));
  EXPECT_GT(setting(), 60'000);
  {
    const auto transaction = PostgresTransaction::begin(*session_, in(1s));
    ASSERT_TRUE(transaction);
  }
  EXPECT_GT(setting(), 60'000) << "rolled back";
  ASSERT_TRUE(session_->run(kOne, {}, in(1s)));
  EXPECT_LE(setting(), 1'000) << "what a rollback undid is set again";
  static constexpr PostgresStatement kWrong{"no_such_table", "SELECT * FROM nowhere"};
  ASSERT_FALSE(session_->run(kWrong, {}, in(2s)));
  ASSERT_TRUE(session_->run(kOne, {}, in(2s)));
  EXPECT_GT(setting(), 1'000) << "and what a refused statement did";
}

TEST_F(RealPostgres, a_server_that_hangs_is_given_up) {
  ASSERT_EQ(::kill(session_->process(), SIGSTOP), 0);
  const auto late = session_->run(kOne, {}, in(20ms));
  ::kill(session_->process(), SIGCONT);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(session_->is_open());
  EXPECT_EQ(session_->run(kOne, {}, in(10s)).error().kind, ErrorKind::unavailable);
}

TEST_F(RealPostgres, a_pipeline_answers_every_statement_in_its_order) {
  PostgresPipeline pipeline(*session_);
  // More than sockets and libpq's buffers hold in both directions.
  const std::string word(10'000, 'w');
  for (int i = 0; i < 1'000; ++i) {
    pipeline.add(kAdd, item(i, word));
    pipeline.add(kWord, id(i));
  }
  const auto rows = pipeline.run(in(60s));
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2'000u);
  EXPECT_EQ(rows->at(0).affected(), 1);
  EXPECT_EQ(rows->at(1'999).text(0, 0), word);
  EXPECT_EQ(count(), 1'000);
  EXPECT_TRUE(pipeline.run(in(10s))->empty());
}

TEST_F(RealPostgres, the_first_failure_of_a_pipeline_undoes_all_of_it) {
  PostgresPipeline pipeline(*session_);
  static constexpr PostgresStatement kUnheard{"unheard_of", "SELECT unheard FROM item"};
  pipeline.add(kAdd, item(1, "x"));
  pipeline.add(kUnheard);
  pipeline.add(kAdd, item(1, "y"));
  pipeline.add(kWord, id(1));
  const auto rows = pipeline.run(in(10s));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::invalid);
  EXPECT_THAT(rows.error().message, HasSubstr("unheard_of"));
  EXPECT_EQ(count(), 0);
  pipeline.add(kAdd, item(1, "x"));
  pipeline.add(kWord, id(1));
  EXPECT_EQ(pipeline.run(in(10s))->at(1).text(0, 0), "x") << "what was not prepared then is now";
}

TEST_F(RealPostgres, a_transaction_counts_once_it_is_committed_and_never_else) {
  {
    auto transaction = PostgresTransaction::begin(*session_, in(10s)).value();
    ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
    EXPECT_FALSE(session_->is_idle());
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 0);
  }
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(session_->is_idle());
  {
    auto transaction = PostgresTransaction::begin(*session_, in(10s)).value();
    ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
    ASSERT_TRUE(transaction.commit(in(10s)));
  }
  EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 1);
}

TEST_F(RealPostgres, a_transaction_begins_and_ends_with_the_statements_of_a_pipeline) {
  PostgresPipeline pipeline(*session_);
  {
    auto transaction = PostgresTransaction::begin(pipeline);
    pipeline.add(kAdd, item(1, "x"));
    ASSERT_TRUE(pipeline.run(in(10s)));
    EXPECT_FALSE(session_->is_idle());
  }
  EXPECT_EQ(count(), 0);
  {
    auto transaction = PostgresTransaction::begin(pipeline);
    pipeline.add(kAdd, item(1, "x"));
    ASSERT_TRUE(pipeline.run(in(10s)));
    pipeline.add(kAdd, item(1, "the same"));
    EXPECT_EQ(transaction.commit(pipeline, in(10s)).error().kind, ErrorKind::conflict);
    EXPECT_TRUE(session_->is_idle());
  }
  EXPECT_EQ(count(), 0);
  auto transaction = PostgresTransaction::begin(pipeline);
  pipeline.add(kAdd, item(1, "x"));
  ASSERT_TRUE(pipeline.run(in(10s)));
  pipeline.add(kWord, id(1));
  const auto rows = transaction.commit(pipeline, in(10s));
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u) << "of what was asked, not of its end";
  EXPECT_EQ(rows->at(0).text(0, 0), "x");
  EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 1);
}

TEST_F(RealPostgres, a_transaction_that_was_never_asked_for_leaves_the_connection_good) {
  {
    PostgresPipeline pipeline(*session_);
    const auto transaction = PostgresTransaction::begin(pipeline);
  }
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(session_->is_idle());
}

TEST_F(RealPostgres, a_transaction_with_a_failed_statement_does_not_claim_to_be_committed) {
  auto transaction = PostgresTransaction::begin(*session_, in(10s)).value();
  ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
  ASSERT_FALSE(session_->run(kAdd, item(1, "x"), in(10s)));
  EXPECT_EQ(transaction.commit(in(10s)).error().kind, ErrorKind::internal);
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(session_->is_idle());
}

TEST_F(RealPostgres, a_snapshot_sees_the_same_throughout_and_writes_nothing) {
  auto snapshot = PostgresTransaction::begin(*session_, in(10s), Mode::snapshot).value();
  EXPECT_EQ(count(), 0);
  ASSERT_TRUE(connect()->run(kAdd, item(1, "x"), in(10s)));
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(session_->run(kAdd, item(2, "x"), in(10s)).error().kind, ErrorKind::unavailable) << "read only";
}

TEST_F(RealPostgres, the_loser_of_a_deadlock_may_try_again) {
  ASSERT_TRUE(session_->query("INSERT INTO item VALUES (1, ''), (2, ''); SET deadlock_timeout = '10ms'", 10s));
  static constexpr PostgresStatement kLock{"lock", "SELECT 1 FROM item WHERE id = $1 FOR UPDATE"};
  const auto other = connect();
  const auto mine = PostgresTransaction::begin(*session_, in(10s));
  auto theirs = PostgresTransaction::begin(*other, in(10s));
  ASSERT_TRUE(session_->run(kLock, id(1), in(10s)) && other->run(kLock, id(2), in(10s)));
  // The other one waits for the first row, with its answer unread; then this one asks for the second.
  EXPECT_FALSE(other->query("SELECT 1 FROM item WHERE id = 1 FOR UPDATE", 10ms));
  const auto lost = session_->run(kLock, id(2), in(60s));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(session_->refusal(), "40P01");
  EXPECT_TRUE(session_->is_open());
}

TEST_F(RealPostgres, numbers_come_back_as_they_went) {
  static constexpr PostgresStatement kNumber{"number", "SELECT $1::numeric, $1::numeric::text"};
  for (const char* digits :
       {"0", "-0.25", "1234567890123456789012.5", "0.000000000000000000000000000000000001", "10000", "-20.52022672899",
        "99999999999999999999999999999999999999.999999999999999999999999999999999999"}) {
    const auto value = base::Decimal::parse_sum(digits).value();
    const auto rows = session_->run(kNumber, PostgresValues().numeric(value), in(10s));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->text(0, 1), digits);
    ASSERT_TRUE(rows->decimal(0, 0)) << digits;
    EXPECT_EQ(rows->decimal(0, 0)->to_string(), digits);
  }
  static constexpr PostgresStatement kOthers{"others",
                                             "SELECT 'NaN'::numeric, 1e38::numeric, 1e-37::numeric, 1, NULL::numeric"};
  const auto others = session_->run(kOthers, {}, in(10s)).value();
  for (int i = 0; i < others.columns(); ++i) EXPECT_FALSE(others.decimal(0, i)) << i;
}

TEST_F(RealPostgres, lists_arrive_as_arrays) {
  static constexpr PostgresStatement kLists{"lists", R"sql(
SELECT n, b FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY AS t(n, b, i) ORDER BY i DESC)sql"};
  const std::int64_t numbers[] = {1, -2};
  const std::string_view bytes[] = {std::string_view("\0\xff", 2), ""};
  const auto rows = session_->run(kLists, PostgresValues().int64s(numbers).byte_strings(bytes), in(10s)).value();
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.integer(0, 0), -2);
  EXPECT_EQ(rows.text(1, 1), bytes[0]);
  EXPECT_EQ(session_->run(kLists, PostgresValues().int64s({}).byte_strings({}), in(10s))->size(), 0);
}

TEST_F(RealPostgres, a_server_that_goes_away_is_noticed_without_a_statement) {
  EXPECT_TRUE(session_->still_open());
  auto copying = connect();
  auto copy = PostgresCopy::begin(*copying, kCopy, in(60s)).value();
  server_->kill();
  EXPECT_FALSE(session_->still_open());
  EXPECT_EQ(session_->run(kOne, {}, in(10s)).error().kind, ErrorKind::unavailable);
  base::Result<> sent;
  for (int i = 0; i < 100'000 && sent; ++i) {
    copy.row().int64(i).null();
    sent = copy.end_row();
  }
  EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(Postgres::connect(server_->url(), "a test", 10s).error().kind, ErrorKind::unavailable);
  server_->start();
  EXPECT_TRUE(connect()->run(kOne, {}, in(10s)));
}

}  // namespace
}  // namespace io
