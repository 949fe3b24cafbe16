// Rows in bulk (COPY), against the real server.
#include "io/postgresql_copy.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "io/real_postgres_test.h"

namespace io {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;

TEST_F(RealPostgres, copies_rows_in_bulk) {
  constexpr int kRows = 100'000;
  auto copy = PostgresCopy::begin(*session_, kCopy, in(60s));
  ASSERT_TRUE(copy) << copy.error().message;
  const std::string large(300'000, 'l');
  for (int i = 0; i < kRows; ++i) {
    copy->row().int64(i).text(i == 7 ? large : "word");
    ASSERT_TRUE(copy->end_row());
  }
  EXPECT_EQ(copy->finish().value(), kRows);
  EXPECT_EQ(count(), kRows);
  EXPECT_EQ(session_->run(kWord, id(7), in(10s))->text(0, 0), large);
}

TEST_F(RealPostgres, a_copy_does_not_wait_for_a_server_that_is_busy) {
  auto copy = PostgresCopy::begin(*session_, kCopy, in(60s)).value();
  ASSERT_EQ(::kill(session_->process(), SIGSTOP), 0);
  // As much as it keeps, which is more than sockets do.
  const std::string large(std::size_t{63} * 1024, 'l');
  base::Result<> sent;
  for (int i = 0; i < 64 && sent; ++i) {
    copy.row().int64(i).text(large);
    sent = copy.end_row();
  }
  if (sent) sent = copy.close();
  ::kill(session_->process(), SIGCONT);
  ASSERT_TRUE(sent) << sent.error().message;
  ASSERT_TRUE(copy.advance());
  EXPECT_EQ(copy.finish().value(), 64);
  EXPECT_EQ(count(), 64);
}

TEST_F(RealPostgres, statements_before_a_copy_are_of_its_transaction) {
  constexpr const char* kBoth = "DELETE FROM item; COPY item FROM STDIN (FORMAT binary)";
  ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
  {
    auto copy = PostgresCopy::begin(*session_, kBoth, in(10s)).value();
    copy.row().int64(2).null();
    ASSERT_TRUE(copy.end_row() && copy.close());
  }
  EXPECT_EQ(count(), 1) << "it was closed, so that it counts: that nobody looked is no reason not to";
  EXPECT_EQ(session_->run(kWord, id(1), in(10s))->size(), 0);
  { auto copy = PostgresCopy::begin(*session_, kBoth, in(10s)).value(); }
  EXPECT_EQ(session_->run(kWord, id(2), in(10s))->size(), 1) << "given up, and the statement before it undone";
}

TEST_F(RealPostgres, a_copy_that_is_not_finished_leaves_nothing) {
  {
    auto copy = PostgresCopy::begin(*session_, kCopy, in(10s)).value();
    for (int i = 0; i < 100'000; ++i) {
      copy.row().int64(i).null();
      ASSERT_TRUE(copy.end_row());
    }
  }
  EXPECT_TRUE(session_->is_open() && session_->is_idle());
  EXPECT_EQ(count(), 0);
}

TEST_F(RealPostgres, what_the_server_has_against_a_row_is_told_at_the_end_of_the_copy) {
  auto copy = PostgresCopy::begin(*session_, kCopy, in(10s)).value();
  for (int i = 0; i < 100'000; ++i) {
    copy.row().int64(i / 2).null();
    ASSERT_TRUE(copy.end_row());
  }
  EXPECT_EQ(copy.finish().error().kind, ErrorKind::conflict);
  EXPECT_TRUE(session_->is_open() && session_->is_idle());
  EXPECT_EQ(PostgresCopy::begin(*session_, "COPY nowhere FROM STDIN", in(10s)).error().kind, ErrorKind::invalid);
  EXPECT_EQ(PostgresCopy::begin(*session_, "SELECT 1", in(10s)).error().kind, ErrorKind::internal);
  EXPECT_EQ(count(), 0);
}

TEST_F(RealPostgres, a_copy_to_a_server_that_takes_nothing_is_given_up) {
  auto copy = PostgresCopy::begin(*session_, kCopy, in(100ms)).value();
  ASSERT_EQ(::kill(session_->process(), SIGSTOP), 0);
  const std::string large(1 << 20, 'l');
  base::Result<> sent;
  for (int i = 0; i < 100 && sent; ++i) {
    copy.row().int64(i).text(large);
    sent = copy.end_row();
  }
  ::kill(session_->process(), SIGCONT);
  ASSERT_FALSE(sent) << "it held back a hundred megabytes";
  EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(session_->is_open());
}

}  // namespace
}  // namespace io
