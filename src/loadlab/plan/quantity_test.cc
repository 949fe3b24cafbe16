#include "loadlab/plan/quantity.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

TEST(Duration, every_unit_is_read) {
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
  EXPECT_EQ(parse_duration("2m").value(), 2min);
  EXPECT_EQ(parse_duration("1h").value(), 1h);
  EXPECT_EQ(parse_duration("100us").value(), 100us);
  EXPECT_EQ(parse_duration("100µs").value(), 100us);
  EXPECT_EQ(parse_duration(" 3 s ").value(), 3s);
  EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(Duration, what_is_none_is_refused) {
  for (const char* text : {"", "30", "s", "-1s", "+1s", "1e3s", "1..2s", ".5s", "5.s", "1d", "1 s s", "1,5s", "0x1s",
                           "1sec", "1S", "99999999999999h", "1234567890123456789s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("30").error().message, "'30' has no unit; write 30s, 30ms or 30m");
  EXPECT_EQ(parse_duration("30 sec").error().message,
            "'30 sec' has the unknown unit 'sec'; the units are us, ms, s, m and h");
}

TEST(Rate, is_turned_into_a_second_s) {
  EXPECT_DOUBLE_EQ(parse_rate("500/s").value(), 500);
  EXPECT_DOUBLE_EQ(parse_rate("30/m").value(), 0.5);
  EXPECT_DOUBLE_EQ(parse_rate("36/h").value(), 0.01);
  EXPECT_DOUBLE_EQ(parse_rate("0.5 /s").value(), 0.5);
}

TEST(Rate, what_is_none_is_refused) {
  for (const char* text : {"", "500", "/s", "-1/s", "5/d", "5 per second", "5s"})
    EXPECT_FALSE(parse_rate(text)) << text;
  EXPECT_EQ(parse_rate("500").error().message, "'500' says not how often; write 500/s, 500/m or 500/h");
}

}  // namespace
}  // namespace loadlab
