#include "base/timed_mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(TimedMutex, one_at_a_time_holds_it) {
  TimedMutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 1000; ++turn) {
        const std::unique_lock lock(mutex, 60s);
        if (lock.owns_lock()) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 4000);
}

TEST(TimedMutex, whose_patience_ends_goes_without_and_leaves_it_as_it_was) {
  TimedMutex mutex;
  std::unique_lock held(mutex);
  EXPECT_FALSE(std::unique_lock(mutex, 1ms).owns_lock());
  EXPECT_FALSE(mutex.try_lock());
  held.unlock();
  EXPECT_TRUE(std::unique_lock(mutex, 0ms).owns_lock());
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

}  // namespace
}  // namespace base
