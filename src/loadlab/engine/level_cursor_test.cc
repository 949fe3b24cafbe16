#include "loadlab/engine/level_cursor.h"

#include <gtest/gtest.h>

#include <vector>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using base::Nanoseconds;

// Users at work at a time, over all workers.
int users_at(const LevelProfile& profile, int workers, Nanoseconds time) {
  std::size_t users = 0;
  for (int part = 0; part < workers; ++part) {
    LevelCursor cursor(profile, {part, workers});
    while (cursor.next() <= time) cursor.advance();
    users += cursor.users();
  }
  return static_cast<int>(users);
}

TEST(LevelCursor, a_ramp_starts_users_evenly_and_the_first_at_once) {
  const LevelProfile profile = LevelProfile::steady(4, 8s, 20s);
  LevelCursor cursor(profile, {});
  for (const Nanoseconds at : {0s, 2s, 4s, 6s}) {
    EXPECT_EQ(cursor.next(), at);
    EXPECT_TRUE(cursor.next_rises());
    cursor.advance();
  }
  EXPECT_EQ(cursor.next(), Nanoseconds::max());
  EXPECT_EQ(cursor.users(), 4u);
}

TEST(LevelCursor, workers_together_follow_the_profile_up_and_down) {
  const LevelProfile profile({{10s, 10, 10s}, {10s, 50, 0s}, {20s, 5, 20s}, {5s, 0, 0s}, {5s, 3, 5s}});
  for (const int workers : {1, 2, 3, 7}) {
    EXPECT_EQ(users_at(profile, workers, 4500ms), 5);
    EXPECT_EQ(users_at(profile, workers, 9900ms), 10);
    EXPECT_EQ(users_at(profile, workers, 10s), 50) << "a jump is at once";
    EXPECT_EQ(users_at(profile, workers, 19s), 50);
    EXPECT_EQ(users_at(profile, workers, 30s), 28) << "27.5, rounded up";
    EXPECT_EQ(users_at(profile, workers, 39999ms), 6);
    EXPECT_EQ(users_at(profile, workers, 41s), 0);
    EXPECT_EQ(users_at(profile, workers, 50s), 3);
  }
}

TEST(LevelCursor, a_worker_without_a_user_has_nothing_to_do) {
  const LevelProfile profile = LevelProfile::steady(2, 0s, 1s);
  EXPECT_EQ(LevelCursor(profile, {2, 3}).next(), Nanoseconds::max());
}

}  // namespace
}  // namespace loadlab
