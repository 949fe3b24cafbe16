// Processes that share answers through a real Redis, each a cache of its own here, whatever that Redis does.
#include "costagent/cache/redis_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "costagent/cache/cache_testing.h"
#include "support/databases.h"

namespace costagent {
namespace {

using namespace cache_testing;
using namespace std::chrono_literals;
using testing_support::RedisServer;

class RedisCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
    server_.emplace();
  }

  // Patient with Redis, as the machine may be busy, and trying again soon.
  static RedisCacheOptions options() {
    RedisCacheOptions options;
    options.link = {.timeout = 10s, .slow = 10s, .retry_first = 1ms, .retry_last = 20ms};
    options.listener = {.retry_first = 1ms, .retry_last = 20ms};
    options.shared.seed = ++seed_;
    return options;
  }
  std::unique_ptr<RedisCache> process(const RedisCacheOptions& with) const {
    return std::make_unique<RedisCache>(server_->url(), io::parse_redis_url(server_->url()).value(), with, clock_);
  }
  static bool shares(const RedisCache& cache) {
    return comes_true([&] { return cache.use().reachable && cache.use().listening; });
  }
  std::unique_ptr<RedisCache> ready_process(const RedisCacheOptions& with = options()) const {
    auto made = process(with);
    EXPECT_TRUE(shares(*made));
    return made;
  }
  io::RedisReply command(const std::vector<std::string>& words) const {
    auto connection = io::Redis::connect(io::parse_redis_url(server_->url()).value(), 10s).value();
    return connection.command(words, 10s).value();
  }
  // The names of keys that match.
  std::vector<std::string> keys(const std::string& pattern) const {
    std::vector<std::string> names;
    for (const auto& name : command({"KEYS", pattern}).list) names.push_back(name.text);
    return names;
  }

  static inline std::uint64_t seed_ = 0;
  base::SystemClock clock_;
  std::optional<RedisServer> server_;
};

TEST_F(RedisCacheTest, what_one_process_made_the_others_need_not_make) {
  const auto one = ready_process();
  const auto other = ready_process();
  EXPECT_EQ(text_of(one->get_or_make(question("why"), says("because"))), "because");
  EXPECT_EQ(text_of(other->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_EQ(other->use().shared_hits, 1u);
  EXPECT_EQ(other->use().misses, 0u);
  EXPECT_EQ(text_of(other->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_EQ(other->use().shared_hits, 1u) << "the second time it is in memory";
  EXPECT_EQ(other->use().hits, 1u);
}

TEST_F(RedisCacheTest, what_is_kept_ends_by_itself) {
  const auto cache = ready_process();
  (void)cache->get_or_make(question("why"), says("because"));
  const auto names = keys("costagent:*");
  EXPECT_THAT(names, testing::UnorderedElementsAre(testing::StartsWith("costagent:answer:"),
                                                   testing::StartsWith("costagent:version:")));
  for (const std::string& name : names) EXPECT_GT(command({"PTTL", name}).integer, 0) << name;
}

TEST_F(RedisCacheTest, another_version_another_scope_and_another_customer_have_answers_of_their_own) {
  const auto one = ready_process();
  auto elsewhere = options();
  elsewhere.shared.scope = "another database";
  const auto other = ready_process(elsewhere);
  (void)one->get_or_make(question("why"), says("because"));
  EXPECT_EQ(text_of(other->get_or_make(question("why"), says("its own"))), "its own");
  EXPECT_EQ(text_of(one->get_or_make(question("why", 2), says("newer"))), "newer");
  EXPECT_EQ(text_of(one->get_or_make(question("why", 1, "other"), says("theirs"))), "theirs");
}

TEST_F(RedisCacheTest, of_two_processes_that_are_asked_one_makes_the_answer) {
  auto patient = options();
  patient.wait_least = patient.wait_most = 1h;
  const auto one = ready_process(patient);
  const auto other = ready_process(patient);
  Gate gate;
  std::thread maker([&] {
    EXPECT_EQ(text_of(one->get_or_make(question("why"),
                                       [&]() -> base::Result<std::string> {
                                         gate.enter();
                                         return std::string("because");
                                       })),
              "because");
  });
  gate.await(1);
  std::thread waiter([&] { EXPECT_EQ(text_of(other->get_or_make(question("why"), made_in_vain)), "because"); });
  EXPECT_TRUE(comes_true([&] { return other->use().waits == 1; }));
  gate.open();
  maker.join();
  waiter.join();
  EXPECT_TRUE(keys("costagent:making:*").empty());
}

TEST_F(RedisCacheTest, who_waits_for_a_process_that_fails_makes_the_answer) {
  auto patient = options();
  patient.wait_least = patient.wait_most = 1h;
  patient.shared.mark = 1h;
  const auto one = ready_process(patient);
  const auto other = ready_process(patient);
  Gate gate;
  std::thread maker([&] {
    EXPECT_EQ(text_of(one->get_or_make(question("why"),
                                       [&]() -> base::Result<std::string> {
                                         gate.enter();
                                         return base::fail(base::ErrorKind::io, "the disk is full");
                                       })),
              "the disk is full");
  });
  gate.await(1);
  std::thread waiter([&] { EXPECT_EQ(text_of(other->get_or_make(question("why"), says("because"))), "because"); });
  EXPECT_TRUE(comes_true([&] { return other->use().waits == 1; }));
  gate.open();
  maker.join();
  waiter.join();
}

TEST_F(RedisCacheTest, a_process_that_never_ends_is_not_waited_for_forever) {
  auto impatient = options();
  impatient.wait_least = impatient.wait_most = 0ns;
  const auto one = ready_process();
  const auto other = ready_process(impatient);
  Gate gate;
  std::thread maker([&] {
    (void)one->get_or_make(question("why"), [&]() -> base::Result<std::string> {
      gate.enter();
      return std::string("late");
    });
  });
  gate.await(1);
  EXPECT_EQ(text_of(other->get_or_make(question("why"), says("because"))), "because");
  gate.open();
  maker.join();
}

TEST_F(RedisCacheTest, a_change_is_heard_by_the_other_processes) {
  const auto one = ready_process();
  const auto other = ready_process();
  (void)other->get_or_make(question("why"), says("old"));
  (void)other->get_or_make(question("why", 1, "somebody"), says("theirs"));
  EXPECT_EQ(other->use().entries, 2u);
  one->invalidate("acme");
  EXPECT_TRUE(comes_true([&] { return other->use().entries == 1; }));
  EXPECT_EQ(text_of(other->get_or_make(question("why"), says("new"))), "new");
  EXPECT_EQ(text_of(other->get_or_make(question("why", 1, "somebody"), made_in_vain)), "theirs");
}

TEST_F(RedisCacheTest, ones_own_change_does_not_drop_what_was_made_after_it) {
  const auto one = ready_process();
  const auto other = ready_process();
  (void)one->get_or_make(question("why", 1, "somebody"), says("theirs"));
  one->invalidate("acme");
  (void)one->get_or_make(question("why"), says("new"));
  EXPECT_EQ(one->use().entries, 2u);
  // Messages come in order: once this one has had its effect, one's own has come too.
  other->invalidate("somebody");
  EXPECT_TRUE(comes_true([&] { return one->use().entries < 2; }));
  EXPECT_EQ(one->use().entries, 1u);
  EXPECT_EQ(one->use().hits, 0u);
  EXPECT_EQ(text_of(one->get_or_make(question("why"), made_in_vain)), "new");
  EXPECT_EQ(one->use().hits, 1u);
}

TEST_F(RedisCacheTest, who_misses_a_message_serves_no_answer_from_before) {
  const auto one = ready_process();
  auto deaf = options();
  deaf.listener.retry_first = deaf.listener.retry_last = 1h;
  const auto other = ready_process(deaf);
  (void)other->get_or_make(question("why"), says("old"));
  (void)other->get_or_make(question("why", 1, "somebody"), says("theirs"));
  command({"CLIENT", "KILL", "TYPE", "pubsub"});
  ASSERT_TRUE(comes_true([&] { return !other->use().listening; }));
  one->invalidate("acme");
  EXPECT_EQ(text_of(other->get_or_make(question("why"), says("new"))), "new");
  EXPECT_EQ(text_of(other->get_or_make(question("why", 2), says("newer"))), "newer");
  EXPECT_EQ(text_of(other->get_or_make(question("why", 1, "somebody"), made_in_vain)), "theirs") << "Redis has it";
}

TEST_F(RedisCacheTest, who_hears_again_has_forgotten_what_was_there_before) {
  const auto cache = ready_process();
  (void)cache->get_or_make(question("why"), says("because"));
  EXPECT_EQ(cache->use().entries, 1u);
  command({"CLIENT", "KILL", "TYPE", "pubsub"});
  EXPECT_TRUE(comes_true([&] { return cache->use().entries == 0 && cache->use().listening; }));
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), made_in_vain)), "because") << "Redis has it";
}

TEST_F(RedisCacheTest, what_was_being_made_when_the_customer_changed_does_not_count) {
  auto patient = options();
  patient.wait_least = patient.wait_most = 1h;
  patient.shared.mark = 1h;
  const auto one = ready_process();
  const auto other = ready_process(patient);
  Gate gate;
  std::thread early([&] {
    EXPECT_EQ(text_of(one->get_or_make(question("why"),
                                       [&]() -> base::Result<std::string> {
                                         gate.enter();
                                         return std::string("old");
                                       })),
              "old");
  });
  gate.await(1);
  other->invalidate("acme");
  EXPECT_EQ(text_of(other->get_or_make(question("why"), says("new"))), "new") << "the early one isn't waited for";
  gate.open();
  early.join();
  EXPECT_EQ(text_of(ready_process()->get_or_make(question("why"), made_in_vain)), "new");
}

TEST_F(RedisCacheTest, a_version_that_redis_lost_brings_no_old_answer_back) {
  const auto one = ready_process();
  (void)one->get_or_make(question("why"), says("old"));
  for (const std::string& name : keys("costagent:version:*")) command({"DEL", name});
  EXPECT_EQ(text_of(ready_process()->get_or_make(question("why"), says("new"))), "new");
}

TEST_F(RedisCacheTest, values_that_are_not_what_was_written_are_not_believed) {
  const auto writer = ready_process();
  (void)writer->get_or_make(question("why"), says("because"));
  const std::string name = keys("costagent:answer:*").at(0);
  const std::string whole = command({"GET", name}).text;
  (void)writer->get_or_make(question("what"), says("that"));
  const auto names = keys("costagent:answer:*");
  const std::string others = command({"GET", names[0] == name ? names[1] : names[0]}).text;

  std::string flipped = whole;
  flipped.back() ^= 1;
  for (const std::string& value :
       {std::string(), std::string("\n"), std::string("nonsense"), std::string("costagent 1 \n"),
        whole.substr(0, whole.size() - 1), whole + "x", flipped, others, std::string(100'000, '\n')}) {
    command({"SET", name, value});
    const auto reader = ready_process();
    EXPECT_EQ(text_of(reader->get_or_make(question("why"), says("because"))), "because");
    EXPECT_EQ(reader->use().shared_errors, 1u) << value.substr(0, 100);
    EXPECT_EQ(command({"GET", name}).text, whole) << "it is there again";
  }
  command({"DEL", name});
  command({"LPUSH", name, "a list"});
  EXPECT_EQ(text_of(ready_process()->get_or_make(question("why"), says("because"))), "because");
}

TEST_F(RedisCacheTest, a_large_answer_is_not_shared) {
  auto small = options();
  small.shared.max_answer = 100;
  const auto cache = ready_process(small);
  (void)cache->get_or_make(question("why"), says(std::string(101, 'x')));
  EXPECT_TRUE(keys("costagent:answer:*").empty());
  EXPECT_TRUE(keys("costagent:making:*").empty());
  EXPECT_EQ(text_of(cache->get_or_make(question("why"), made_in_vain)), std::string(101, 'x'));
}

}  // namespace
}  // namespace costagent
