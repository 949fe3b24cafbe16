#include "costagent/store/postgres_pool.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/deadline.h"
#include "support/databases.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using testing_support::PostgresServer;
using testing_support::shared_postgres;

base::Nanoseconds in(base::Nanoseconds time) { return base::SystemClock::monotonic_now() + time; }

constexpr io::PostgresStatement kOne{"one", "SELECT 1"};

// How many sessions of pools the server has.
int sessions_of(PostgresServer& server) {
  return std::stoi(server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'costagent'"));
}

// The server needs a moment to notice that sessions are over.
bool comes_to_no_session(PostgresServer& server) {
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    if (sessions_of(server) == 0) return true;
  }
  return false;
}

class PostgresPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  }
  std::unique_ptr<PostgresPool> open(std::size_t size, PostgresServer& server = shared_postgres()) {
    auto pool = PostgresPool::open({server.url(), size, 1}, clock_, in(10s));
    EXPECT_TRUE(pool) << pool.error().message;
    return std::move(*pool);
  }
  // A server that a test may end; it starts it again.
  static PostgresServer& mortal() {
    static PostgresServer server;
    return server;
  }
  static void wait_for_waiting(const PostgresPool& pool, std::size_t number) {
    while (pool.use().waiting != number) std::this_thread::yield();
  }

  base::FakeClock clock_;
};

TEST_F(PostgresPoolTest, sessions_are_lent_up_to_the_bound_and_come_back) {
  const auto pool = open(2);
  auto first = pool->lend(in(10s));
  const auto second = pool->lend(in(10s));
  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first)->run(kOne, {}, in(10s)).value().integer(0, 0), 1);
  const auto third = pool->lend(in(1ms));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(pool->use().sessions->timeouts, 1u);
  EXPECT_EQ(pool->use().waiting, 0u);
  EXPECT_GE(pool->use().sessions->waited, 1ms);
  const int process = (*first)->process();
  { const auto back = std::move(*first); }
  EXPECT_EQ(pool->lend(in(1ms)).value()->process(), process);
}

TEST_F(PostgresPoolTest, a_threads_own_deadline_is_told_apart_from_a_full_pool) {
  const auto pool = open(1);
  const auto held = pool->lend(in(10s));
  const base::DeadlineScope scope(in(1ms));
  EXPECT_EQ(pool->lend(base::current_deadline()).error().kind, ErrorKind::timeout);
}

TEST_F(PostgresPoolTest, who_waits_is_served_in_the_order_of_coming) {
  const auto pool = open(1);
  std::optional<PostgresPool::Lease> held(std::move(pool->lend(in(10s)).value()));
  std::mutex mutex;
  std::vector<int> served;
  std::vector<std::thread> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&, i] {
      const auto lease = pool->lend(in(60s));
      ASSERT_TRUE(lease);
      const std::lock_guard lock(mutex);
      served.push_back(i);
    });
    wait_for_waiting(*pool, static_cast<std::size_t>(i) + 1);
  }
  held.reset();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(served, (std::vector{0, 1, 2, 3}));
}

TEST_F(PostgresPoolTest, what_is_lent_and_for_how_long_is_counted) {
  const auto pool = open(3);
  auto use = pool->use();
  EXPECT_EQ(use.size, 3u);
  EXPECT_EQ(use.in_use, 0u);
  EXPECT_EQ(use.sessions->open, 1u);
  EXPECT_EQ(use.sessions->oldest, 0s);
  {
    const auto first = pool->lend(in(10s));
    clock_.advance(3s);
    const auto second = pool->lend(in(10s));
    clock_.advance(1s);
    use = pool->use();
    EXPECT_EQ(use.in_use, 2u);
    EXPECT_EQ(use.sessions->open, 2u);
    EXPECT_EQ(use.sessions->oldest, 4s);
    EXPECT_EQ(use.sessions->lent, 2u);
    EXPECT_EQ(use.sessions->returned, 0u);
  }
  use = pool->use();
  EXPECT_EQ(use.sessions->returned, 2u);
  EXPECT_EQ(use.sessions->made, 2u);
  EXPECT_EQ(use.sessions->broken, 0u);
}

TEST_F(PostgresPoolTest, a_session_with_something_left_on_it_is_not_lent_again) {
  const auto pool = open(1);
  int process = 0;
  {
    auto lease = pool->lend(in(10s)).value();
    process = lease->process();
    ASSERT_TRUE(lease->query("BEGIN", 10s));
  }
  {
    auto lease = pool->lend(in(10s)).value();
    EXPECT_NE(lease->process(), process);
    process = lease->process();
    EXPECT_FALSE(lease->query("SELECT pg_sleep(60)", 1ms));
  }
  EXPECT_NE(pool->lend(in(10s)).value()->process(), process);
  EXPECT_EQ(pool->use().sessions->broken, 2u);
  EXPECT_EQ(pool->use().sessions->open, 1u);
}

TEST_F(PostgresPoolTest, a_statement_that_nobody_waits_for_any_more_is_ended_in_the_server) {
  const auto pool = open(1);
  EXPECT_FALSE(pool->lend(in(10s)).value()->query("SELECT pg_sleep(3600)", 1ms));
  const auto running = [] {
    return shared_postgres().psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600)%'");
  };
  int attempts = 0;
  while (running() != "0" && attempts < 1'000) ++attempts;
  EXPECT_LT(attempts, 1'000);
}

TEST_F(PostgresPoolTest, who_waits_for_a_session_that_breaks_gets_a_new_one) {
  const auto pool = open(1);
  std::optional<PostgresPool::Lease> held(std::move(pool->lend(in(10s)).value()));
  std::thread waiting([&] {
    auto lease = pool->lend(in(60s));
    ASSERT_TRUE(lease);
    EXPECT_TRUE((*lease)->run(kOne, {}, in(10s)));
  });
  wait_for_waiting(*pool, 1);
  ASSERT_TRUE((*held)->query("BEGIN", 10s));
  held.reset();
  waiting.join();
}

TEST_F(PostgresPoolTest, all_who_wait_learn_at_once_that_the_server_is_away) {
  PostgresServer& server = mortal();
  const auto pool = open(1, server);
  std::optional<PostgresPool::Lease> held(std::move(pool->lend(in(10s)).value()));
  std::vector<std::thread> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back([&] {
      const auto refused = pool->lend(in(60s));
      ASSERT_FALSE(refused);
      EXPECT_NE(refused.error().message.find("refused"), std::string::npos) << refused.error().message;
    });
  }
  wait_for_waiting(*pool, 3);
  server.kill();
  EXPECT_FALSE((*held)->run(kOne, {}, in(10s)));
  held.reset();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(pool->use().sessions->open, 0u);
  server.start();
}

TEST_F(PostgresPoolTest, a_session_whose_prepared_statements_no_longer_hold_is_not_lent_again) {
  const auto pool = open(1);
  static constexpr io::PostgresStatement kAll{"all", "SELECT * FROM changing"};
  int process = 0;
  {
    auto lease = pool->lend(in(10s)).value();
    process = lease->process();
    ASSERT_TRUE(lease->query("CREATE TABLE changing (a int)", 10s));
    ASSERT_TRUE(lease->run(kAll, {}, in(10s)));
    ASSERT_TRUE(lease->query("ALTER TABLE changing ADD b int", 10s));
    EXPECT_FALSE(lease->run(kAll, {}, in(10s)));
    EXPECT_TRUE(lease->is_idle());
  }
  auto lease = pool->lend(in(10s)).value();
  EXPECT_NE(lease->process(), process);
  EXPECT_TRUE(lease->run(kAll, {}, in(10s)));
  EXPECT_TRUE(lease->query("DROP TABLE changing", 10s));
}

TEST_F(PostgresPoolTest, a_session_that_was_idle_for_long_is_asked_before_it_is_lent) {
  const auto pool = open(1);
  const int process = pool->lend(in(10s)).value()->process();
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  EXPECT_EQ(pool->lend(in(10s)).value()->process(), process);
  clock_.advance(PostgresPool::kTrusted);
  EXPECT_NE(pool->lend(in(10s)).value()->process(), process);
  ::kill(process, SIGCONT);
}

TEST_F(PostgresPoolTest, sessions_that_nobody_needs_are_closed) {
  const auto pool = open(4);
  {
    const auto first = pool->lend(in(10s));
    const auto second = pool->lend(in(10s));
    const auto third = pool->lend(in(10s));
  }
  EXPECT_EQ(pool->use().sessions->open, 3u);
  clock_.advance(PostgresPool::kIdle / 2);
  EXPECT_TRUE(pool->lend(in(10s)));
  clock_.advance(PostgresPool::kIdle / 2);
  EXPECT_TRUE(pool->lend(in(10s)));
  EXPECT_EQ(pool->use().sessions->open, 1u);
}

TEST_F(PostgresPoolTest, a_server_that_comes_back_is_used_again_without_a_hand) {
  PostgresServer& server = mortal();
  const auto pool = open(2, server);
  {
    const auto first = pool->lend(in(10s));
    const auto second = pool->lend(in(10s));
    server.kill();
  }
  EXPECT_EQ(pool->lend(in(10s)).error().kind, ErrorKind::unavailable);
  server.start();
  const auto still = pool->lend(in(10s));
  ASSERT_FALSE(still) << "it was asked again before the wait was over";
  EXPECT_NE(still.error().message.find("refused"), std::string::npos) << still.error().message;
  clock_.advance(50ms);
  auto lease = pool->lend(in(10s));
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_TRUE((*lease)->run(kOne, {}, in(10s)));
  EXPECT_TRUE(pool->lend(in(10s)));
  EXPECT_EQ(pool->use().sessions->open, 2u);
}

TEST_F(PostgresPoolTest, waits_between_attempts_grow_up_to_two_seconds) {
  PostgresServer& server = mortal();
  const auto pool = open(1, server);
  server.kill();
  for (int attempt = 0; attempt < 10; ++attempt) {
    EXPECT_FALSE(pool->lend(in(10s)));
    clock_.advance(2s);
  }
  EXPECT_FALSE(pool->lend(in(10s)));
  server.start();
  clock_.advance(1'900ms);
  EXPECT_FALSE(pool->lend(in(10s)));
  clock_.advance(100ms);
  EXPECT_TRUE(pool->lend(in(10s)));
}

TEST_F(PostgresPoolTest, a_caller_without_time_says_nothing_about_the_server) {
  const auto pool = open(2);
  const auto held = pool->lend(in(10s));
  EXPECT_FALSE(pool->lend(in(-1s)));
  EXPECT_TRUE(pool->lend(in(10s)));
}

// A server needs some milliseconds to take a connection. In a crowd of which nobody has as many left there would never
// be one.
TEST_F(PostgresPoolTest, a_session_that_is_being_made_is_made_even_if_who_asked_for_it_has_no_time_left) {
  const auto pool = open(2);
  const auto held = pool->lend(in(10s));
  { const auto late = pool->lend(in(200us)); }
  EXPECT_EQ(pool->use().sessions->made, 2u);
  EXPECT_EQ(pool->use().sessions->open, 2u);
}

TEST_F(PostgresPoolTest, its_size_leaves_the_server_room_for_every_worker_and_one_more) {
  // 20 sessions, of which three are the superuser's.
  EXPECT_EQ(open(100)->use().size, 8u);
  constexpr std::size_t kWorkers = 4;
  std::vector<std::unique_ptr<PostgresPool>> pools;
  std::vector<PostgresPool::Lease> lent;
  for (std::size_t i = 0; i < kWorkers; ++i) {
    pools.push_back(PostgresPool::open({shared_postgres().url(), 8, kWorkers}, clock_, in(10s)).value());
    EXPECT_EQ(pools.back()->use().size, 3u);
    for (std::size_t session = 0; session < 3; ++session) lent.push_back(pools.back()->lend(in(10s)).value());
  }
  lent.clear();
  const auto refused = PostgresPool::open({shared_postgres().url(), 8, 8}, clock_, in(10s));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_NE(refused.error().message.find("max_connections"), std::string::npos) << refused.error().message;
}

TEST_F(PostgresPoolTest, limits_of_the_role_and_the_database_count_too) {
  shared_postgres().psql("CREATE ROLE few LOGIN CONNECTION LIMIT 6");
  std::string url = shared_postgres().url();
  url.replace(url.find("postgres@"), 8, "few");
  EXPECT_EQ(PostgresPool::open({url, 8, 1}, clock_, in(10s)).value()->use().size, 3u);
  const std::string database = shared_postgres().make_database();
  shared_postgres().psql("ALTER DATABASE " + database.substr(database.rfind('/') + 1) + " CONNECTION LIMIT 4");
  EXPECT_EQ(PostgresPool::open({database, 8, 1}, clock_, in(10s)).value()->use().size, 2u);
}

TEST_F(PostgresPoolTest, who_is_not_there_is_unavailable_without_a_password_in_the_message) {
  const auto refused = PostgresPool::open({"postgresql://app:s3cret@127.0.0.1:1/shop", 8, 1}, clock_, in(10s));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(refused.error().message.find("s3cret"), std::string::npos);
}

TEST_F(PostgresPoolTest, ten_thousand_loans_by_many_threads_leave_no_session) {
  constexpr int kThreads = 16;
  constexpr int kLoans = 625;
  PostgresServer& server = shared_postgres();
  {
    const base::SystemClock clock;
    const auto pool = PostgresPool::open({server.url(), 3, 1}, clock, in(10s)).value();
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int loan = 0; loan < kLoans; ++loan) {
          auto lease = pool->lend(in(60s));
          if (!lease || !(*lease)->run(kOne, {}, in(60s))) ++failed;
          // Now and then one is left unfit for others.
          if (lease && loan % 100 == i) static_cast<void>((*lease)->query("BEGIN", 60s));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
    const DatabaseUse use = pool->use();
    EXPECT_EQ(use.sessions->lent, std::uint64_t{kThreads} * kLoans);
    EXPECT_EQ(use.sessions->returned, use.sessions->lent);
    EXPECT_LE(use.sessions->open, 3u);
    EXPECT_EQ(use.sessions->made - use.sessions->broken, use.sessions->open);
    EXPECT_EQ(use.in_use, 0u);
  }
  EXPECT_TRUE(comes_to_no_session(server));
}

}  // namespace
}  // namespace costagent
