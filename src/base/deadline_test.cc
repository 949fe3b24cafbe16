#include "base/deadline.h"

#include <gtest/gtest.h>

#include <thread>

namespace base {
namespace {

using std::chrono::hours;

Nanoseconds now() { return SystemClock::monotonic_now(); }

TEST(DeadlineTest, without_one_nothing_is_cut_short) {
  EXPECT_EQ(current_deadline(), kNoDeadline);
  EXPECT_FALSE(deadline_passed());
  EXPECT_EQ(time_left(hours(1)), hours(1));
}

TEST(DeadlineTest, holds_as_long_as_its_scope) {
  const auto later = now() + hours(1);
  {
    const DeadlineScope scope(later);
    EXPECT_EQ(current_deadline(), later);
    EXPECT_FALSE(deadline_passed());
    EXPECT_LE(time_left(hours(2)), hours(1));
    EXPECT_EQ(time_left(Nanoseconds(5)), Nanoseconds(5));
  }
  EXPECT_EQ(current_deadline(), kNoDeadline);
}

TEST(DeadlineTest, one_that_is_over_leaves_no_time) {
  const DeadlineScope scope(now() - hours(1));
  EXPECT_TRUE(deadline_passed());
  EXPECT_EQ(time_left(hours(1)), Nanoseconds(0));
}

TEST(DeadlineTest, an_inner_one_can_only_be_earlier) {
  const auto outer = now() + hours(1);
  const DeadlineScope scope(outer);
  {
    const DeadlineScope longer(outer + hours(1));
    EXPECT_EQ(current_deadline(), outer);
  }
  {
    const DeadlineScope shorter(outer - hours(2));
    EXPECT_TRUE(deadline_passed());
  }
  EXPECT_EQ(current_deadline(), outer);
}

TEST(DeadlineTest, is_of_one_thread) {
  const DeadlineScope scope(now() - hours(1));
  std::thread([] { EXPECT_EQ(current_deadline(), kNoDeadline); }).join();
}

}  // namespace
}  // namespace base
