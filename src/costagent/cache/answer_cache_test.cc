// What every cache of answers must do.
#include "costagent/domain/answer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/deadline.h"
#include "costagent/cache/cache_testing.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/cache/redis_cache.h"
#include "support/databases.h"
#include "support/failing_memory.h"

namespace costagent {
namespace {

using namespace cache_testing;
using namespace std::chrono_literals;

// A cache with whatever it needs to run, or null where that isn't installed.
struct Kind {
  const char* name;
  std::function<std::shared_ptr<AnswerCache>(const MemoryCacheOptions&)> make;
};

std::shared_ptr<AnswerCache> memory_cache(const MemoryCacheOptions& options) {
  static const base::SystemClock clock;
  return std::make_shared<MemoryCache>(options, clock);
}

// As its users see it once it has found its Redis.
std::shared_ptr<AnswerCache> redis_cache(const MemoryCacheOptions& memory) {
  if (!testing_support::RedisServer::is_installed()) return nullptr;
  struct WithServer {
    base::SystemClock clock;
    testing_support::RedisServer server;
    std::optional<RedisCache> cache;
  };
  const auto made = std::make_shared<WithServer>();
  const std::string url = made->server.url();
  RedisCacheOptions options;
  options.memory = memory;
  options.link.timeout = options.link.slow = 10s;
  made->cache.emplace(url, io::parse_redis_url(url).value(), options, made->clock);
  EXPECT_TRUE(comes_true([&] { return made->cache->use().reachable && made->cache->use().listening; }));
  return {made, &*made->cache};
}

class AnswerCacheTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    cache_ = GetParam().make({});
    if (!cache_) GTEST_SKIP() << "Debian's package redis-server is not installed";
  }

  std::shared_ptr<AnswerCache> cache_;
};

TEST_P(AnswerCacheTest, an_answer_is_made_once_and_kept) {
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("because"))), "because");
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), made_in_vain)), "because");
  EXPECT_EQ(cache_->use().hits, 1u);
  EXPECT_EQ(cache_->use().misses, 1u);
  EXPECT_EQ(cache_->use().entries, 1u);
  EXPECT_GT(cache_->use().bytes, 0u);
}

TEST_P(AnswerCacheTest, whatever_bytes_an_answer_has) {
  const std::string bytes("\0\r\n$-1\r\n\xff", 9);
  EXPECT_EQ(text_of(cache_->get_or_make(question("bytes"), says(bytes))), bytes);
  EXPECT_EQ(text_of(cache_->get_or_make(question("nothing"), says(""))), "");
  EXPECT_EQ(text_of(cache_->get_or_make(question("bytes"), made_in_vain)), bytes);
  EXPECT_EQ(text_of(cache_->get_or_make(question("nothing"), made_in_vain)), "");
}

TEST_P(AnswerCacheTest, keys_that_differ_in_any_part_have_answers_of_their_own) {
  const AnswerKey keys[] = {{"acme", 1, "why"}, {"acme", 1, "what"},    {"acme1", 1, "why"},   {"acme", 11, "why"},
                            {"4:acme", 1, ""},  {"acme", 1, ":why"},    {"acme\n1", 1, "why"}, {"acme", -1, "why"},
                            {"", 1, "why"},     {"acme", 1, "1:why\n"}, {"acm", 1, "e1:why"}};
  int made = 0;
  for (const AnswerKey& key : keys) {
    const std::string expected = std::to_string(++made);
    EXPECT_EQ(text_of(cache_->get_or_make(key, says(expected))), expected);
  }
  EXPECT_EQ(cache_->use().misses, std::size(keys));
}

TEST_P(AnswerCacheTest, of_many_who_ask_at_the_same_time_one_makes_the_answer) {
  constexpr int kAskers = 16;
  Gate gate;
  std::atomic<int> made = 0;
  const auto make = [&]() -> base::Result<std::string> {
    ++made;
    gate.enter();
    return std::string("because");
  };
  std::vector<std::thread> askers;
  for (int i = 0; i < kAskers; ++i)
    askers.emplace_back([&] { EXPECT_EQ(text_of(cache_->get_or_make(question("why"), make)), "because"); });
  EXPECT_TRUE(comes_true([&] { return cache_->use().waits == kAskers - 1; }));
  gate.open();
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(cache_->use().misses, 1u);
}

TEST_P(AnswerCacheTest, a_failure_goes_to_all_who_wait_and_is_not_kept) {
  Gate gate;
  const auto fail = [&]() -> base::Result<std::string> {
    gate.enter();
    return base::fail_field("customer_id", "there is no such customer");
  };
  std::vector<std::thread> askers;
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      const auto answer = cache_->get_or_make(question("why"), fail);
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, base::ErrorKind::invalid);
      EXPECT_EQ(answer.error().field, "customer_id");
      EXPECT_EQ(answer.error().message, "there is no such customer");
    });
  }
  EXPECT_TRUE(comes_true([&] { return cache_->use().waits == 3; }));
  gate.open();
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(cache_->use().entries, 0u);
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("because"))), "because");
}

TEST_P(AnswerCacheTest, who_waits_for_a_maker_that_throws_hears_of_an_end) {
  Gate gate;
  std::thread thrower([&] {
    EXPECT_THROW((void)cache_->get_or_make(question("why"),
                                           [&]() -> base::Result<std::string> {
                                             gate.enter();
                                             throw std::runtime_error("a library's");
                                           }),
                 std::runtime_error);
  });
  gate.await(1);
  std::thread waiter([&] {
    const auto answer = cache_->get_or_make(question("why"), made_in_vain);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, base::ErrorKind::internal);
  });
  EXPECT_TRUE(comes_true([&] { return cache_->use().waits == 1; }));
  gate.open();
  thrower.join();
  waiter.join();
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("because"))), "because");
}

TEST_P(AnswerCacheTest, nobody_waits_beyond_the_patience) {
  cache_ = GetParam().make({.patience = 0ns});
  Gate gate;
  std::thread maker([&] {
    EXPECT_EQ(text_of(cache_->get_or_make(question("why"),
                                          [&]() -> base::Result<std::string> {
                                            gate.enter();
                                            return std::string("because");
                                          })),
              "because");
  });
  gate.await(1);
  const auto given_up = cache_->get_or_make(question("why"), made_in_vain);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().kind, base::ErrorKind::unavailable);
  gate.open();
  maker.join();
}

TEST_P(AnswerCacheTest, whose_time_is_over_does_not_take_along_who_has_more) {
  Gate gate;
  std::thread hasty([&] {
    const auto late = cache_->get_or_make(question("why"), [&]() -> base::Result<std::string> {
      gate.enter();
      return base::fail(base::ErrorKind::timeout, "the time for this was over");
    });
    EXPECT_EQ(text_of(late), "the time for this was over");
  });
  gate.await(1);
  {
    const base::DeadlineScope over(base::SystemClock::monotonic_now());
    EXPECT_EQ(cache_->get_or_make(question("why"), made_in_vain).error().kind, base::ErrorKind::timeout);
  }
  std::thread patient([&] { EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("because"))), "because"); });
  EXPECT_TRUE(comes_true([&] { return cache_->use().waits == 2; }));
  gate.open();
  hasty.join();
  patient.join();
}

TEST_P(AnswerCacheTest, whoever_asks_something_else_does_not_wait) {
  cache_ = GetParam().make({.patience = 0ns});
  Gate gate;
  std::thread maker([&] {
    (void)cache_->get_or_make({"acme1", 1, "why"}, [&]() -> base::Result<std::string> {
      gate.enter();
      return std::string("because");
    });
  });
  gate.await(1);
  for (const AnswerKey& other : {AnswerKey{"acme", 11, "why"}, AnswerKey{"acme1", 2, "why"}, AnswerKey{"acme1", 1, "w"},
                                 AnswerKey{"other", 1, "why"}})
    EXPECT_EQ(text_of(cache_->get_or_make(other, says("its own"))), "its own");
  gate.open();
  maker.join();
}

TEST_P(AnswerCacheTest, invalidation_drops_a_customers_answers_and_nobody_elses) {
  for (const char* customer : {"acme", "other"}) {
    (void)cache_->get_or_make(question("why", 1, customer), says("old"));
    (void)cache_->get_or_make(question("what", 1, customer), says("old"));
  }
  cache_->invalidate("acme");
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("new"))), "new");
  EXPECT_EQ(text_of(cache_->get_or_make(question("what"), says("new"))), "new");
  EXPECT_EQ(text_of(cache_->get_or_make(question("why", 1, "other"), made_in_vain)), "old");
  EXPECT_EQ(cache_->use().invalidations, 2u);
}

TEST_P(AnswerCacheTest, what_is_being_made_at_an_invalidation_is_neither_kept_nor_waited_for) {
  Gate gate;
  std::thread early([&] {
    EXPECT_EQ(text_of(cache_->get_or_make(question("why"),
                                          [&]() -> base::Result<std::string> {
                                            gate.enter();
                                            return std::string("old");
                                          })),
              "old");
  });
  gate.await(1);
  cache_->invalidate("acme");
  EXPECT_EQ(cache_->use().entries, 0u);
  // Whether this one's answer is made at once, or only after another process was waited for in vain, is the cache's.
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), says("new"))), "new");
  gate.open();
  early.join();
  EXPECT_EQ(text_of(cache_->get_or_make(question("why"), made_in_vain)), "new");
}

TEST_P(AnswerCacheTest, another_version_is_another_answer_and_frees_what_the_old_one_took) {
  (void)cache_->get_or_make(question("why", 1), says("old"));
  const auto bytes = cache_->use().bytes;
  EXPECT_EQ(text_of(cache_->get_or_make(question("why", 2), says("new"))), "new");
  EXPECT_EQ(cache_->use().bytes, bytes);
  EXPECT_EQ(cache_->use().entries, 1u);
}

TEST_P(AnswerCacheTest, its_bytes_stay_within_its_bounds_with_many_threads) {
  cache_ = GetParam().make({.max_bytes = 20'000});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const std::string number = std::to_string((i * 7 + t) % 50);
        const std::string text(500, number[0]);
        EXPECT_EQ(text_of(cache_->get_or_make(question(number, 1, "customer " + number.substr(1)), says(text))), text);
        EXPECT_LE(cache_->use().bytes, 20'000u);
        if (i % 50 == t) cache_->invalidate("customer " + number.substr(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(cache_->use().evictions, 0u);
  EXPECT_EQ(cache_->use().max_bytes, 20'000u);
}

INSTANTIATE_TEST_SUITE_P(EveryCache, AnswerCacheTest,
                         testing::Values(Kind{"memory", memory_cache}, Kind{"redis", redis_cache}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

// Of the one in memory alone: time is the clock's.
TEST(MemoryCache, keeps_an_answer_for_its_time_by_the_clock_it_is_given) {
  base::FakeClock clock;
  MemoryCache cache({.time_to_live = 10min}, clock);
  (void)cache.get_or_make(question("why"), says("old"));
  clock.advance(10min - 1ns);
  EXPECT_EQ(text_of(cache.get_or_make(question("why"), made_in_vain)), "old");
  clock.advance(1ns);
  EXPECT_EQ(text_of(cache.get_or_make(question("why"), says("new"))), "new");
  EXPECT_EQ(cache.use().expirations, 1u);
}

TEST(MemoryCache, a_question_for_whose_answer_there_was_no_memory_can_be_asked_again) {
  const base::FakeClock clock;
  const AnswerKey why = question("why");
  const MakeAnswer old = says("old");
  const MakeAnswer throws = []() -> base::Result<std::string> { throw std::bad_alloc(); };
  for (const MakeAnswer& make : {old, throws}) {
    bool struck = true;
    for (int after = 0; struck; ++after) {
      MemoryCache cache({.patience = 0s}, clock);
      {
        const testing_support::FailingAllocation failing(after);
        try {
          (void)cache.get_or_make(why, make);
        } catch (const std::bad_alloc&) {
        }
        struck = failing.struck();
      }
      EXPECT_THAT(text_of(cache.get_or_make(why, says("new"))), testing::AnyOf("old", "new")) << after;
    }
  }
}

}  // namespace
}  // namespace costagent
