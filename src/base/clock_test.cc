#include "base/clock.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, monotonic_never_goes_back) {
  const SystemClock clock;
  Nanoseconds last = clock.monotonic();
  for (int i = 0; i < 1000; ++i) {
    const Nanoseconds now = clock.monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, utc_is_in_this_century) {
  const auto now = SystemClock().utc();
  EXPECT_GT(now, std::chrono::sys_days{std::chrono::year{2024} / 1 / 1});
  EXPECT_LT(now, std::chrono::sys_days{std::chrono::year{2100} / 1 / 1});
}

TEST(FakeClock, moves_both_clocks_only_when_told) {
  FakeClock clock{std::chrono::sys_days{std::chrono::year{2025} / 3 / 1}};
  EXPECT_EQ(clock.monotonic(), 0ns);
  clock.advance(90s);
  EXPECT_EQ(clock.monotonic(), 90s);
  EXPECT_EQ(clock.utc(), (std::chrono::sys_days{std::chrono::year{2025} / 3 / 1} + 90s));
}

}  // namespace
}  // namespace base
