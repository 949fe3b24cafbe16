// A Redis that is killed, hangs, comes back empty, is full, is slow or is none: slower, and never wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <optional>

#include "costagent/cache/cache_testing.h"
#include "costagent/cache/open_cache.h"
#include "costagent/cache/redis_cache.h"
#include "support/databases.h"
#include "support/failing_memory.h"
#include "support/responder.h"
#include "support/scripted_server.h"

namespace costagent {
namespace {

using namespace cache_testing;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing_support::RedisServer;

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

class RedisTroubleTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  }

  std::unique_ptr<RedisCache> process(const std::string& url, base::Nanoseconds timeout = 10s) const {
    RedisCacheOptions options;
    options.link = {.timeout = timeout, .slow = timeout, .retry_first = 1ms, .retry_last = 20ms};
    options.listener = {.silence = timeout, .retry_first = 1ms, .retry_last = 20ms};
    options.shared.seed = ++seed_;
    return std::make_unique<RedisCache>(url, io::parse_redis_url(url).value(), options, clock_);
  }
  static bool shares(const RedisCache& cache) {
    return comes_true([&] { return cache.use().reachable && cache.use().listening; });
  }
  static io::RedisReply command(const std::string& url, const std::vector<std::string>& words) {
    auto connection = io::Redis::connect(io::parse_redis_url(url).value(), 10s).value();
    return connection.command(words, 10s).value();
  }
  // What another process finds of an answer, or makes.
  std::string seen_by_another(const RedisServer& server, const MakeAnswer& make) const {
    const auto other = process(server.url());
    EXPECT_TRUE(shares(*other));
    return text_of(other->get_or_make(question("why"), make));
  }

  static inline std::uint64_t seed_ = 0;
  base::SystemClock clock_;
  CapturedLog log_;
};

TEST_F(RedisTroubleTest, killed_in_mid_use_and_started_again) {
  RedisServer server;
  auto cache = process(server.url());
  ASSERT_TRUE(shares(*cache));
  (void)cache->get_or_make(question("before"), says("before"));
  server.kill();
  for (int i = 0; i < 20; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(text_of(cache->get_or_make(question(text), says(text))), text);
    EXPECT_EQ(text_of(cache->get_or_make(question("before"), says("before"))), "before");
  }
  EXPECT_TRUE(comes_true([&] { return !cache->use().reachable && !cache->use().listening; }));
  EXPECT_EQ(text_of(cache->get_or_make(question("away"), says("away"))), "away");
  EXPECT_EQ(text_of(cache->get_or_make(question("away"), made_in_vain)), "away") << "memory still serves";
  cache->invalidate("acme");
  EXPECT_EQ(text_of(cache->get_or_make(question("away"), says("new"))), "new");

  server.start();
  ASSERT_TRUE(shares(*cache));
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), says("because"))), "because");
  EXPECT_EQ(seen_by_another(server, made_in_vain), "because");
  cache.reset();
  const std::string log = log_.text();
  EXPECT_EQ(count(log, "is away"), 1) << log;
  EXPECT_EQ(count(log, "answers are shared through Redis"), 3) << "one more of the other process: " << log;
  EXPECT_EQ(count(log, "\n"), 4) << log;
}

TEST_F(RedisTroubleTest, hanging_it_costs_a_few_waits_and_then_none) {
  RedisServer server;
  const auto cache = process(server.url(), 100ms);
  ASSERT_TRUE(shares(*cache));
  server.pause();
  for (int i = 0; i < 50; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(text_of(cache->get_or_make(question(text), says(text))), text);
  }
  // Three of them waited; by now, or soon, it is found deaf too.
  EXPECT_FALSE(cache->use().reachable);
  EXPECT_TRUE(comes_true([&] { return !cache->use().listening; }));
  EXPECT_EQ(text_of(cache->get_or_make(question("7"), made_in_vain)), "7");
  server.resume();
  EXPECT_TRUE(shares(*cache));
}

TEST_F(RedisTroubleTest, emptied_in_mid_use) {
  RedisServer server;
  const auto cache = process(server.url());
  ASSERT_TRUE(shares(*cache));
  (void)cache->get_or_make(question("why"), says("because"));
  command(server.url(), {"FLUSHALL"});
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_EQ(seen_by_another(server, says("made again")), "made again");
}

TEST_F(RedisTroubleTest, full_it_is_read_and_the_refusal_told_once) {
  RedisServer server;
  auto cache = process(server.url());
  ASSERT_TRUE(shares(*cache));
  (void)cache->get_or_make(question("why"), says("because"));
  command(server.url(), {"CONFIG", "SET", "maxmemory", "1"});
  for (int i = 0; i < 20; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(text_of(cache->get_or_make(question(text), says(text))), text);
    EXPECT_EQ(text_of(cache->get_or_make(question(text), made_in_vain)), text);
  }
  EXPECT_EQ(seen_by_another(server, made_in_vain), "because");
  cache->invalidate("acme");
  command(server.url(), {"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(text_of(cache->get_or_make(question("why", 2), says("newer"))), "newer");
  cache.reset();
  const std::string log = log_.text();
  EXPECT_EQ(count(log, "answers can't be shared"), 1) << log;
  EXPECT_EQ(count(log, "answers are shared again"), 1) << log;
}

TEST_F(RedisTroubleTest, never_there) {
  std::string url;
  {
    const RedisServer gone;
    url = gone.url();
  }
  auto cache = process(url);
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), says("because"))), "because");
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_TRUE(comes_true([&] { return cache->use().shared_errors > 5; }));
  cache.reset();
  const std::string log = log_.text();
  EXPECT_EQ(count(log, "is away"), 1) << log;
  EXPECT_EQ(count(log, "\n"), 1) << log;
}

TEST_F(RedisTroubleTest, something_else_answers_there) {
  testing_support::Responder http;
  const auto cache = process(fmt::format("redis://127.0.0.1:{}", http.port()), 20ms);
  EXPECT_TRUE(comes_true([&] { return cache->use().shared_errors > 2; }));
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), says("because"))), "because");
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_FALSE(cache->use().reachable);
  EXPECT_FALSE(cache->use().listening);
}

TEST_F(RedisTroubleTest, passwords_are_used_and_never_logged) {
  RedisServer server("r1ght");
  auto cache = process(server.url(":r1ght@"));
  EXPECT_TRUE(shares(*cache));
  auto wrong = process(server.url(":wr0ng@"));
  EXPECT_TRUE(comes_true([&] { return wrong->use().shared_errors > 0; }));
  EXPECT_EQ(text_of(wrong->get_or_make(question("why"), says("because"))), "because");
  EXPECT_TRUE(comes_true([&] { return wrong->use().shared_errors > 2; }));
  cache.reset();
  wrong.reset();
  const auto refused = open_cache({.url = "redis://:s3cret@cache:x"}, clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "cache");
  EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
  const std::string log = log_.text();
  EXPECT_THAT(log, HasSubstr("is away"));
  EXPECT_THAT(log, Not(HasSubstr("r1ght")));
  EXPECT_THAT(log, Not(HasSubstr("wr0ng")));
}

// Says PONG at once, and nil to everything else after a while.
void answer_slowly(int fd) {
  for (;;) {
    const std::string asked = testing_support::read_some(fd);
    if (asked.empty()) return;
    const bool ping = asked.find("PING") != std::string::npos;
    if (!ping) std::this_thread::sleep_for(350ms);
    if (!testing_support::write_all(fd, ping ? "+PONG\r\n" : "$-1\r\n")) return;
  }
}

TEST(RedisLink, one_that_is_always_late_is_asked_no_more) {
  CapturedLog log;
  {
    testing_support::ScriptedServer server({answer_slowly});
    const std::string url = fmt::format("redis://127.0.0.1:{}", server.port());
    RedisLink link(url, io::parse_redis_url(url).value(),
                   {.connections = 1, .timeout = 10s, .slow = 300ms, .retry_first = 1h, .retry_last = 1h});
    EXPECT_TRUE(comes_true([&] { return link.is_up(); }));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(link.command({"GET", "late"})) << "late as it is, it is an answer";
    EXPECT_FALSE(link.is_up());
    EXPECT_EQ(link.command({"GET", "late"}).error().kind, base::ErrorKind::unavailable);
    EXPECT_EQ(link.failures(), 3u);
  }
  EXPECT_THAT(log.text(), HasSubstr("an answer took"));
}

TEST(RedisLink, has_no_more_connections_than_it_may) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  const CapturedLog log;
  const RedisServer server;
  RedisLink link(server.url(), io::parse_redis_url(server.url()).value(),
                 {.connections = 3, .timeout = 10s, .slow = 10s});
  ASSERT_TRUE(comes_true([&] { return link.is_up(); }));
  std::vector<std::thread> askers;
  for (int t = 0; t < 8; ++t) {
    askers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(link.command({"ECHO", "x"})->text, "x");
    });
  }
  for (std::thread& asker : askers) asker.join();
  const std::string stats = link.command({"INFO", "stats"})->text;
  const auto at = stats.find("total_connections_received:");
  // One of them was the test's own, to see whether the server had started.
  EXPECT_LE(std::stoi(stats.substr(at + 27)), 4);
  EXPECT_EQ(link.failures(), 0u);
}

TEST(RedisLink, a_connection_for_whose_answer_there_is_no_memory_makes_room_for_another) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
  const RedisServer server;
  const CapturedLog log;
  RedisLink link(server.url(), io::parse_redis_url(server.url()).value(),
                 {.connections = 1, .timeout = 10s, .slow = 10s, .retry_first = 1ms, .retry_last = 20ms});
  const std::vector<std::string> ping{"PING"};
  const auto answers = [&] {
    const auto pong = link.command(ping);
    return pong && pong->text == "PONG";
  };
  bool struck = true;
  for (int after = 0; struck; ++after) {
    ASSERT_TRUE(comes_true(answers)) << after;
    const testing_support::FailingAllocation failing(after);
    try {
      (void)link.command(ping);
    } catch (const std::bad_alloc&) {
    }
    struck = failing.struck();
  }
}

TEST(ChangeMessage, is_a_sender_and_a_customer_and_nothing_else) {
  const auto message = ChangeMessage::parse(ChangeMessage{"me", "acme"}.text());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sender, "me");
  EXPECT_EQ(message->customer, "acme");
  for (const char* text : {"", "acme", "me ", "me a b", "me a\nb", " "})
    EXPECT_FALSE(ChangeMessage::parse(text)) << text;
}

TEST(OpenCache, knows_memory_and_redis) {
  const base::SystemClock clock;
  EXPECT_FALSE(open_cache({.max_bytes = 1000}, clock).value()->use().shares);
  EXPECT_EQ(open_cache({.max_bytes = 1000}, clock).value()->use().max_bytes, 1000u);
  for (const char* url : {"", "Memory", "redis", "redis://", "http://cache", "127.0.0.1:6379"})
    EXPECT_EQ(open_cache({.url = url}, clock).error().kind, base::ErrorKind::invalid) << url;
}

}  // namespace
}  // namespace costagent
