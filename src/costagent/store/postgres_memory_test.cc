// Whatever a lack of memory breaks off, no place for a session is lost by it.
#include <gtest/gtest.h>

#include <new>

#include "costagent/store/postgres_pool.h"
#include "support/databases.h"
#include "support/failing_memory.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using testing_support::FailingAllocation;
using testing_support::PostgresServer;

constexpr io::PostgresStatement kOne{"one", "SELECT 1"};

base::Nanoseconds in(base::Nanoseconds time) { return base::SystemClock::monotonic_now() + time; }

class PostgresMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  }
  std::unique_ptr<PostgresPool> open(std::size_t size, const PostgresServer& server) {
    return std::move(PostgresPool::open({server.url(), size, 1}, clock_, in(10s)).value());
  }
  // Asks on a session of the pool while the allocation behind the next `after` fails; false once there was none.
  static bool asks(PostgresPool& pool, int after) {
    const FailingAllocation failing(after);
    try {
      auto session = pool.lend(in(10s));
      if (session) (void)(*session)->run(kOne, {}, in(10s));
    } catch (const std::bad_alloc&) {
    }
    return failing.struck();
  }

  base::FakeClock clock_;
};

TEST_F(PostgresMemoryTest, who_comes_next_has_the_session_or_another) {
  const auto pool = open(2, testing_support::shared_postgres());
  for (int after = 0; asks(*pool, after); ++after) {
    const auto first = pool->lend(in(10s));
    const auto second = pool->lend(in(10s));
    EXPECT_TRUE(first && second) << after;
  }
}

TEST_F(PostgresMemoryTest, who_has_to_make_one_and_can_not_leaves_its_place_to_the_next) {
  const auto pool = open(2, testing_support::shared_postgres());
  const auto held = pool->lend(in(10s));
  for (int after = 0; asks(*pool, after); ++after) {
  }
  EXPECT_TRUE(pool->lend(in(10s)));
}

TEST_F(PostgresMemoryTest, a_server_that_was_away_is_tried_by_the_next) {
  PostgresServer server;
  const auto pool = open(1, server);
  server.kill();
  EXPECT_FALSE(pool->lend(in(10s)));
  server.start();
  clock_.advance(1min);
  for (int after = 0; asks(*pool, after); ++after) {
  }
  EXPECT_TRUE(pool->lend(in(10s)));
}

}  // namespace
}  // namespace costagent
