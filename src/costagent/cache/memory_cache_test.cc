#include "costagent/cache/memory_cache.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace costagent {
namespace {

std::shared_ptr<const std::string> answer(std::size_t size, char c = 'a') {
  return std::make_shared<const std::string>(size, c);
}

TEST(MemoryCache, keeps_what_is_used_and_drops_what_is_not) {
  MemoryCache cache(10'000);
  for (int i = 0; i < 10; ++i) {
    cache.put("key " + std::to_string(i), answer(1500));
    EXPECT_NE(cache.find("key 0"), nullptr) << "used each time";
    EXPECT_LE(cache.bytes(), 10'000u);
  }
  EXPECT_EQ(cache.find("key 1"), nullptr);
  EXPECT_NE(cache.find("key 9"), nullptr);
  EXPECT_EQ(cache.find("never"), nullptr);
}

TEST(MemoryCache, a_newer_answer_takes_the_place_of_the_old) {
  MemoryCache cache(10'000);
  cache.put("key", answer(100, 'a'));
  const auto old = cache.find("key");
  cache.put("key", answer(50, 'b'));
  EXPECT_EQ(cache.find("key")->front(), 'b');
  EXPECT_EQ(old->front(), 'a') << "who holds an answer keeps it";
  EXPECT_EQ(cache.bytes(), 3 + 50 + 100u);
}

TEST(MemoryCache, one_large_answer_does_not_drive_out_all_others) {
  MemoryCache cache(10'000);
  cache.put("small", answer(100));
  cache.put("large", answer(5'000));
  EXPECT_EQ(cache.find("large"), nullptr);
  EXPECT_NE(cache.find("small"), nullptr);
}

TEST(MemoryCache, many_threads_share_it) {
  MemoryCache cache(20'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string((i * 7 + t) % 50);
        if (const auto found = cache.find(key)) {
          EXPECT_EQ(*found, std::string(500, key[0]));
        }
        cache.put(key, answer(500, key[0]));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.bytes(), 20'000u);
}

}  // namespace
}  // namespace costagent
