// What a lack of memory leaves behind of transactions and of rows in bulk, on the real server.
#include <gtest/gtest.h>

#include <new>
#include <optional>

#include "io/postgresql_copy.h"
#include "io/postgresql_transaction.h"
#include "io/real_postgres_test.h"
#include "support/failing_memory.h"

namespace io {
namespace {

using namespace std::chrono_literals;
using testing_support::FailingAllocation;

// Calls it again and again, each time with another of its allocations failing, and then `check`; the last time none.
template <class Call, class Check>
void with_each_allocation_failing(Call call, Check check) {
  bool struck = true;
  for (int after = 0; struck; ++after) {
    call([&](auto part) {
      const FailingAllocation failing(after);
      try {
        part();
      } catch (const std::bad_alloc&) {
      }
      struck = failing.struck();
    });
    check();
  }
}

TEST_F(RealPostgres, a_transaction_for_whose_end_there_is_no_memory_is_undone) {
  with_each_allocation_failing(
      [&](auto failing) {
        if (!session_->is_open()) session_ = connect();
        std::optional<PostgresTransaction> transaction(PostgresTransaction::begin(*session_, in(10s)).value());
        ASSERT_TRUE(session_->run(kAdd, item(1, "x"), in(10s)));
        failing([&] { transaction.reset(); });
      },
      [&] {
        EXPECT_TRUE(!session_->is_open() || session_->is_idle());
        EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 0);
      });
}

TEST_F(RealPostgres, a_copy_for_whose_end_there_is_no_memory_leaves_nothing) {
  with_each_allocation_failing(
      [&](auto failing) {
        if (!session_->is_open()) session_ = connect();
        std::optional<PostgresCopy> copy(PostgresCopy::begin(*session_, kCopy, in(10s)).value());
        copy->row().int64(1).null();
        ASSERT_TRUE(copy->end_row());
        failing([&] { copy.reset(); });
      },
      [&] {
        EXPECT_TRUE(!session_->is_open() || session_->is_idle());
        EXPECT_EQ(connect()->run(kCount, {}, in(10s))->integer(0, 0), 0);
      });
}

}  // namespace
}  // namespace io
