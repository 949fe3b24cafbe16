// The adapters of network services: against the real ones, and against those that refuse, hang or say too much.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "io/http_client.h"
#include "io/postgresql.h"
#include "io/redis.h"
#include "support/databases.h"
#include "support/responder.h"

namespace io {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Answer;
using testing_support::PostgresServer;
using testing_support::RedisServer;
using testing_support::Responder;

TEST(Postgres, asks_rejects_and_gives_up_in_time) {
  if (!PostgresServer::is_installed()) GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
  const PostgresServer server;
  auto session = std::move(Postgres::connect(server.url(), "a test", 10s).value());
  EXPECT_GE(session.server_version(), 150'000);
  EXPECT_GT(session.process(), 0);
  const auto rows = session.query("SELECT $1::int + 1 AS next, NULL AS none, 'a' AS text", {"41"}, 10s);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->columns(), 3);
  EXPECT_EQ(rows->number(0, rows->column("next")), 42);
  EXPECT_TRUE(rows->is_null(0, 1));
  EXPECT_EQ(rows->text(0, 2), "a");
  EXPECT_FALSE(rows->number(0, 2));
  EXPECT_EQ(rows->column("absent"), -1);
  EXPECT_FALSE(rows->number(0, -1));

  const auto rejected = session.query("SELECT * FROM nowhere", 10s);
  ASSERT_FALSE(rejected);
  EXPECT_EQ(rejected.error().kind, ErrorKind::invalid);
  EXPECT_THAT(rejected.error().message, HasSubstr("nowhere"));
  EXPECT_TRUE(session.is_open());
  EXPECT_EQ(session.query("SELECT 1; SELECT 2", 10s)->number(0, 0), 2) << "the last one's rows";

  EXPECT_EQ(session.query("SELECT pg_sleep(60)", 20ms).error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(session.is_open());
}

TEST(Postgres, who_is_not_there_is_unavailable_without_a_password_in_the_message) {
  Responder gone;
  const std::string url = fmt::format("postgresql://app:s3cret@127.0.0.1:{}/shop", gone.port());
  gone.kill();
  const auto refused = Postgres::connect(url, "a test", 10s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
}

TEST(RedisUrl, is_taken_apart) {
  const auto whole = parse_redis_url("redis://app:s3@cret@cache:6380/2").value();
  EXPECT_EQ(whole.user, "app");
  EXPECT_EQ(whole.password, "s3@cret");
  EXPECT_EQ(whole.host, "cache");
  EXPECT_EQ(whole.port, 6380);
  EXPECT_EQ(whole.database, 2);
  EXPECT_EQ(parse_redis_url("redis://cache")->port, 6379);
  EXPECT_EQ(parse_redis_url("redis://[::1]:7000")->host, "::1");
  EXPECT_EQ(parse_redis_url("redis://[::1]:7000")->port, 7000);
  for (const char* text : {"cache:6379", "redis://", "redis://cache:x", "redis://cache:0", "redis://cache/one"})
    EXPECT_FALSE(parse_redis_url(text)) << text;
  EXPECT_THAT(parse_redis_url("redis://:s3cret@cache:x").error().message, Not(HasSubstr("s3cret")));
}

TEST(Redis, asks_rejects_and_gives_up_in_time) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  const RedisServer server;
  auto redis = std::move(Redis::connect(parse_redis_url(server.url()).value(), 10s).value());
  EXPECT_EQ(redis.command({"SET", "a key", std::string("a\0b\r\n", 5)}, 10s)->text, "OK");
  EXPECT_EQ(redis.command({"GET", "a key"}, 10s)->text, std::string("a\0b\r\n", 5));
  EXPECT_EQ(redis.command({"GET", "absent"}, 10s)->kind, RedisReply::Kind::nothing);
  EXPECT_EQ(redis.command({"INCR", "n"}, 10s)->integer, 1);
  const auto list = redis.command({"MGET", "n", "absent"}, 10s);
  ASSERT_EQ(list->list.size(), 2u);
  EXPECT_EQ(list->list[0].text, "1");
  const std::string large(3 << 20, 'x');
  redis.command({"SET", "large", large}, 10s);
  EXPECT_EQ(redis.command({"GET", "large"}, 10s)->text, large);
  EXPECT_EQ(redis.command({"NONSENSE"}, 10s).error().kind, ErrorKind::invalid);
  EXPECT_TRUE(redis.is_open());
  EXPECT_EQ(redis.command({"BLPOP", "never", "0"}, 20ms).error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(redis.is_open());
  EXPECT_EQ(redis.command({"GET", "n"}, 10s).error().kind, ErrorKind::unavailable);
}

TEST(Redis, takes_what_it_is_told_without_asking) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  const RedisServer server;
  const auto address = parse_redis_url(server.url()).value();
  auto listener = std::move(Redis::connect(address, 10s).value());
  auto teller = std::move(Redis::connect(address, 10s).value());
  ASSERT_TRUE(listener.command({"SUBSCRIBE", "news"}, 10s));
  const auto nothing = listener.receive(1ms);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  EXPECT_TRUE(listener.is_open()) << "to be told nothing is no failure";
  for (const char* text : {"one", "two"}) EXPECT_EQ(teller.command({"PUBLISH", "news", text}, 10s)->integer, 1);
  for (const char* text : {"one", "two"}) EXPECT_EQ((*listener.receive(10s))->list.at(2).text, text);
  ASSERT_TRUE(listener.send({"PING"}, 10s));
  EXPECT_EQ((*listener.receive(10s))->list.at(0).text, "pong");
}

TEST(Redis, looks_once_for_what_is_there_when_there_is_no_more_time) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  const RedisServer server;
  auto redis = std::move(Redis::connect(parse_redis_url(server.url()).value(), 10s).value());
  ASSERT_TRUE(redis.send({"PING"}, 10s));
  pollfd answered{redis.descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&answered, 1, 10'000), 1);
  EXPECT_EQ((*redis.receive(0s))->text, "PONG");
  EXPECT_FALSE(*redis.receive(0s));
}

TEST(Redis, who_speaks_something_else_is_told_apart_from_who_is_not_there) {
  Responder http;
  RedisAddress address;
  address.host = "127.0.0.1";
  address.port = http.port();
  auto connected = Redis::connect(address, 10s);
  ASSERT_TRUE(connected);
  const auto answer = connected->command({"GET", "/"}, 200ms);
  ASSERT_FALSE(answer);
  http.kill();
  EXPECT_EQ(Redis::connect(address, 10s).error().kind, ErrorKind::unavailable);
}

TEST(HttpClient, gets_an_answer_whatever_its_status_and_keeps_its_connection) {
  Responder server([](const std::string& request, const std::string&) {
    return request == "GET /here" ? Answer{200, "hello"} : Answer{503, "busy"};
  });
  HttpClient client;
  EXPECT_EQ(client.get(server.url() + "/here", {})->body, "hello");
  const auto other = client.get(server.url() + "/there", {});
  EXPECT_EQ(other->status, 503);
  EXPECT_EQ(other->body, "busy");
  EXPECT_EQ(server.connections(), 1u);
}

TEST(HttpClient, waits_and_reads_within_its_bounds) {
  Responder server([](const std::string& request, const std::string&) {
    Answer answer{200, std::string(100'000, 'x')};
    answer.never = request == "GET /never";
    return answer;
  });
  HttpClient client;
  EXPECT_EQ(client.get(server.url() + "/never", {50ms, 1000}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(client.get(server.url() + "/large", {5s, 99'999}).error().kind, ErrorKind::too_large);
  EXPECT_EQ(client.get(server.url() + "/large", {5s, 100'000})->body.size(), 100'000u);
  EXPECT_EQ(client.get("file:///etc/hostname", {}).error().kind, ErrorKind::invalid);
  server.kill();
  const auto refused = client.get(server.url() + "/metrics?token=s3cret", {});
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
}

TEST(HttpClient, escapes_a_query) { EXPECT_EQ(HttpClient::escaped("a b+\"ü\"-._~"), "a%20b%2B%22%C3%BC%22-._~"); }

}  // namespace
}  // namespace io
