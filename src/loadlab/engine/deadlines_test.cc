#include "loadlab/engine/deadlines.h"

#include <gtest/gtest.h>

#include <array>

namespace loadlab {
namespace {

using namespace std::chrono_literals;

struct Waiter : DeadlineHook {};

TEST(Deadlines, the_oldest_ends_first_and_lifted_ones_never) {
  Deadlines<Waiter> deadlines(5s);
  std::array<Waiter, 4> waiters;
  for (std::size_t i = 0; i < waiters.size(); ++i) deadlines.set(waiters[i], std::chrono::seconds(i));
  EXPECT_EQ(deadlines.earliest(), 5s);
  deadlines.lift(waiters[0]);
  deadlines.lift(waiters[2]);
  deadlines.lift(waiters[2]);
  EXPECT_EQ(deadlines.earliest(), 6s);
  EXPECT_EQ(&deadlines.pop(), &waiters[1]);
  EXPECT_EQ(deadlines.earliest(), 8s);
  deadlines.set(waiters[0], 4s);
  EXPECT_EQ(&deadlines.pop(), &waiters[3]);
  EXPECT_EQ(&deadlines.pop(), &waiters[0]);
  EXPECT_TRUE(deadlines.empty());
}

}  // namespace
}  // namespace loadlab
