// The database probes against the real servers of Debian's packages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmath>
#include <cstring>

#include "base/unique_fd.h"
#include "io/postgresql.h"
#include "io/redis.h"
#include "loadlab/probe/postgres_probe.h"
#include "loadlab/probe/reading_test.h"
#include "loadlab/probe/redis_probe.h"
#include "support/databases.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing_support::PgbouncerServer;
using testing_support::PostgresServer;
using testing_support::RedisServer;

// Takes connections and says nothing: what a server that hangs looks like.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), length);
    ::listen(socket_.get(), 5);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }
  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  base::UniqueFd socket_;
  std::uint16_t port_ = 0;
};

class RealPostgres : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (PostgresServer::is_installed()) server_ = std::make_unique<PostgresServer>();
    if (server_) server_->psql("CREATE EXTENSION pg_stat_statements");
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  }

  static io::Postgres session() { return std::move(io::Postgres::connect(server_->url(), "a test", 10s).value()); }

  // Sends a statement that will wait, and returns at once.
  static void begin_waiting(io::Postgres& session, const char* sql) {
    EXPECT_FALSE(session.query(sql, 10ms)) << "it should have to wait";
  }

  static std::unique_ptr<PostgresServer> server_;
};
std::unique_ptr<PostgresServer> RealPostgres::server_;

TEST_F(RealPostgres, sessions_and_locks_are_what_psql_says) {
  server_->psql("CREATE TABLE locked (id int)");
  io::Postgres holder = session();
  ASSERT_TRUE(holder.query("BEGIN; LOCK TABLE locked", 10s));
  io::Postgres waiting = session();
  begin_waiting(waiting, "SELECT * FROM locked");
  io::Postgres idle = session();
  ASSERT_TRUE(idle.query("SELECT 1", 10s));
  PostgresProbe probe(server_->url(), "shop");
  Reading reading = read(probe);
  while (value_of(reading, "locks_waiting") < 1) reading = read(probe);
  // psql's own session is one that the probe doesn't see, and the probe's one that it itself leaves out.
  const std::string by_psql = server_->psql(
      "SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state = 'idle'), "
      "count(*) FILTER (WHERE state = 'idle in transaction'), count(*) FILTER (WHERE wait_event_type = 'Lock'), "
      "(SELECT count(*) FROM pg_locks WHERE NOT granted) "
      "FROM pg_stat_activity WHERE application_name = 'a test'");
  EXPECT_EQ(fmt::format("{}|{}|{}|{}|{}|{}", value_of(reading, "sessions"), value_of(reading, "sessions_active"),
                        value_of(reading, "sessions_idle"), value_of(reading, "sessions_idle_in_transaction"),
                        value_of(reading, "waits_lock"), value_of(reading, "locks_waiting")),
            by_psql);
  EXPECT_EQ(by_psql, "3|1|1|1|1|1");
  EXPECT_EQ(value_of(reading, "max_connections"), 20);
  EXPECT_DOUBLE_EQ(value_of(reading, "sessions_used"), 15);
}

TEST_F(RealPostgres, a_role_without_rights_counts_sessions_and_leaves_out_their_states) {
  server_->psql("CREATE ROLE weak LOGIN");
  std::string url = server_->url();
  const auto user = url.find("postgres@");
  ASSERT_NE(user, std::string::npos) << url;
  url.replace(user, std::strlen("postgres"), "weak");
  PostgresProbe probe(url, "shop");
  const double before = value_of(read(probe), "sessions");
  const std::vector<io::Postgres> held = [] {
    std::vector<io::Postgres> sessions;
    for (int i = 0; i < 3; ++i) sessions.push_back(session());
    return sessions;
  }();
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "sessions"), before + 3);
  EXPECT_TRUE(std::isnan(value_of(reading, "sessions_active"))) << "hidden, and not zero";
}

TEST_F(RealPostgres, counters_and_sizes_are_what_psql_says) {
  server_->psql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id; DELETE FROM kept WHERE id <= 300");
  PostgresProbe probe(server_->url(), "shop");
  // The server's sessions report what they did when they end, or a second later; psql's has ended.
  Reading reading = read(probe);
  const std::string written =
      server_->psql("SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = 'postgres'");
  EXPECT_EQ(fmt::format("{}", value_of(reading, "rows_written")), written);
  EXPECT_EQ(value_of(reading, "dead_rows"),
            std::stod(server_->psql("SELECT sum(n_dead_tup) FROM pg_stat_user_tables")));
  EXPECT_EQ(value_of(reading, "live_rows"),
            std::stod(server_->psql("SELECT sum(n_live_tup) FROM pg_stat_user_tables")));
  EXPECT_NEAR(value_of(reading, "database_size"),
              std::stod(server_->psql("SELECT pg_database_size(current_database())")) / 1e6, 0.2);
  EXPECT_GT(value_of(reading, "wal_written"), 0);
  EXPECT_GT(value_of(reading, "commits"), 0);
  EXPECT_TRUE(std::isnan(value_of(reading, "cache_hit_ratio"))) << "a ratio is of what came since the reading before";
  EXPECT_GT(value_of(read(probe), "cache_hit_ratio"), 0);
}

TEST_F(RealPostgres, statements_of_the_run_are_listed_by_their_time_and_the_probe_s_own_left_out) {
  server_->psql("SELECT count(*) FROM generate_series(1, 10) AS before_the_run");
  PostgresProbe probe(server_->url(), "shop");
  const Reading before = read(probe);
  for (int i = 0; i < 3; ++i) server_->psql("SELECT sum(x) FROM generate_series(1, 200000) AS x");
  server_->psql("SELECT 1 AS quick");
  const Reading after = read(probe);
  EXPECT_EQ(value_of(after, "queries") - value_of(before, "queries"), 4);
  EXPECT_GT(value_of(after, "query_time"), value_of(before, "query_time"));
  const auto tables = probe.tables();
  ASSERT_EQ(tables.size(), 2u);
  ASSERT_EQ(tables[0].rows.size(), 2u) << "two kinds of statements since the first reading";
  EXPECT_THAT(tables[0].rows[0].name, ::testing::HasSubstr("SELECT sum(x)"));
  EXPECT_EQ(tables[0].rows[0].values[0], 3);
  EXPECT_GT(tables[0].rows[0].values[1], tables[0].rows[1].values[1]);
  EXPECT_EQ(tables[1].title, "statements by mean time");
}

TEST_F(RealPostgres, a_pgbouncer_shows_its_pools) {
  if (!PgbouncerServer::is_installed()) GTEST_SKIP() << "Debian's package pgbouncer is not installed";
  const PgbouncerServer bouncer(*server_);
  std::vector<io::Postgres> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::move(io::Postgres::connect(bouncer.url("postgres"), "a test", 10s).value()));
    ASSERT_TRUE(clients.back().query("SELECT 1", 10s));
  }
  clients.push_back(std::move(io::Postgres::connect(bouncer.url("postgres"), "a test", 10s).value()));
  EXPECT_FALSE(clients.back().query("SELECT 1", 50ms)) << "the pool of two is full";
  PgbouncerProbe probe(bouncer.url("pgbouncer"), "pool");
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "clients_active"), 2);
  EXPECT_EQ(value_of(reading, "clients_waiting"), 1);
  EXPECT_EQ(value_of(reading, "servers_active"), 2);
  EXPECT_EQ(value_of(reading, "clients_waiting", "postgres/postgres"), 1);
}

TEST_F(RealPostgres, a_server_that_is_gone_is_a_failure_and_one_that_comes_back_is_read_again) {
  PostgresServer other;
  PostgresProbe probe(other.url(), "shop");
  read(probe);
  other.kill();
  Reading none("postgresql");
  EXPECT_EQ(probe.read(none).error().kind, base::ErrorKind::unavailable);
  const auto refused = probe.read(none);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("refused"));
}

TEST(PostgresProbe, a_server_that_hangs_holds_it_up_for_no_longer_than_its_time) {
  const SilentServer silent;
  PostgresProbe probe(fmt::format("postgresql://app:s3cret@{}/shop", silent.address()), "shop");
  Reading none("postgresql");
  const auto hung = probe.read(none);
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(hung.error().message, ::testing::Not(::testing::HasSubstr("s3cret")));
}

class RealRedis : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
    server_ = std::make_unique<RedisServer>();
    client_ = std::make_unique<io::Redis>(
        std::move(io::Redis::connect(io::parse_redis_url(server_->url()).value(), 10s).value()));
  }
  void ask(const std::vector<std::string>& words) const {
    const auto reply = client_->command(words, 10s);
    EXPECT_TRUE(reply) << reply.error().message;
  }

  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<io::Redis> client_;
};

TEST_F(RealRedis, is_read_with_its_hits_keys_and_limits) {
  RedisProbe probe(server_->url(), "cache");
  const Reading before = read(probe);
  EXPECT_TRUE(std::isnan(value_of(before, "hit_ratio")));
  EXPECT_TRUE(std::isnan(value_of(before, "memory_limit"))) << "nothing limits it";
  ask({"CONFIG", "SET", "maxmemory", "100000000"});
  ask({"SET", "a", "1"});
  for (int i = 0; i < 3; ++i) ask({"GET", "a"});
  ask({"GET", "missing"});
  const Reading after = read(probe);
  EXPECT_EQ(value_of(after, "hits") - value_of(before, "hits"), 3);
  EXPECT_EQ(value_of(after, "misses") - value_of(before, "misses"), 1);
  EXPECT_DOUBLE_EQ(value_of(after, "hit_ratio"), 75);
  EXPECT_EQ(value_of(after, "keys"), 1);
  EXPECT_EQ(value_of(after, "clients"), 1) << "the test's, and not the probe's";
  EXPECT_EQ(value_of(after, "memory_limit"), 100);
  EXPECT_GT(value_of(after, "memory"), 0.1);
  EXPECT_GT(value_of(after, "commands"), value_of(before, "commands"));
}

TEST_F(RealRedis, evictions_and_expirations_are_counted) {
  RedisProbe probe(server_->url(), "cache");
  ask({"SET", "short", "1", "PX", "1"});
  while (client_->command({"EXISTS", "short"}, 10s)->integer == 1) {
  }
  ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"});
  ask({"SET", "large", std::string(100'000, 'x')});
  ask({"CONFIG", "SET", "maxmemory", "1"});
  client_->command({"SET", "b", "1"}, 10s);
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "expirations"), 1);
  EXPECT_GE(value_of(reading, "evictions"), 1);
}

TEST_F(RealRedis, commands_and_the_slow_log_of_the_run_are_listed) {
  ask({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  ask({"SET", "before", "1"});
  RedisProbe probe(server_->url(), "cache");
  read(probe);
  ask({"CONFIG", "SET", "slowlog-log-slower-than", "10000000"});
  ask({"LPUSH", "list", "1"});
  ask({"LPUSH", "list", "2"});
  ask({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  ask({"LRANGE", "list", "0", "-1"});
  ask({"CONFIG", "SET", "slowlog-log-slower-than", "10000000"});
  const auto tables = probe.tables();
  ASSERT_EQ(tables.size(), 2u);
  const auto calls = [&](std::string_view name) {
    for (const ProbeTable::Row& row : tables[0].rows) {
      if (row.name == name) return row.values[0];
    }
    return 0.0;
  };
  EXPECT_EQ(calls("lpush"), 2);
  EXPECT_EQ(calls("set"), 0) << "it was before the run";
  EXPECT_EQ(tables[1].title, "slow log");
  std::string slow;
  for (const ProbeTable::Row& row : tables[1].rows) slow += row.name + "\n";
  EXPECT_THAT(slow, ::testing::HasSubstr("LRANGE list 0 -1"));
  EXPECT_THAT(slow, ::testing::Not(::testing::HasSubstr("SET before 1")));
}

TEST_F(RealRedis, a_server_that_is_gone_is_a_failure) {
  RedisProbe probe(server_->url(), "cache");
  read(probe);
  server_->kill();
  Reading none("redis");
  EXPECT_EQ(probe.read(none).error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(probe.read(none).error().message, ::testing::HasSubstr("refused"));
}

TEST(RedisProbe, a_server_that_hangs_holds_it_up_for_no_longer_than_its_time) {
  const SilentServer silent;
  RedisProbe probe("redis://" + silent.address(), "cache");
  Reading none("redis");
  EXPECT_EQ(probe.read(none).error().kind, base::ErrorKind::unavailable);
}

}  // namespace
}  // namespace loadlab
