#include "base/time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(Time, reads_both_forms_of_bills) {
  const auto expected = Seconds{Day{2024y / 9 / 20}} + 20h;
  for (const char* text : {"2024-09-20 20:00:00", "2024-09-20T20:00:00Z", "2024-09-20T20:00:00",
                           "2024-09-20T20:00:00.123456Z", "2024-09-20 20:00:00 UTC", "2024-09-20T20:00Z",
                           "2024-09-20T22:00:00+02:00", "2024-09-20T14:30:00-0530", "2024-09-20T20:00:00+00"}) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, expected) << text;
  }
  EXPECT_EQ(parse_time("2024-09-20").value(), Seconds{Day{2024y / 9 / 20}});
}

TEST(Time, refuses_times_no_calendar_has) {
  for (const char* text :
       {"", "2024", "2024-13-01", "2023-02-29", "2024-09-20X20:00:00", "2024-09-20 25:00:00", "2024-09-20 20:61:00",
        "2024-09-20 20:00:00 CET", "2024-09-20T20:00:00+", "2024-09-20T20:00:00.", "24-09-20", "2024-9-20",
        "2024-09-20T20:00:00Zjunk", "2024-09-20 "}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, knows_leap_days) {
  EXPECT_TRUE(parse_day("2024-02-29"));
  EXPECT_FALSE(parse_day("2100-02-29"));
  EXPECT_FALSE(parse_day("2024-02-29T00:00:00"));
}

TEST(Time, formats_what_it_reads) {
  EXPECT_EQ(format_day(parse_day("1999-12-31").value()), "1999-12-31");
  EXPECT_EQ(format_time(parse_time("2024-09-20 20:01:02").value()), "2024-09-20T20:01:02Z");
  EXPECT_EQ(format_time_ms(UtcTime{Day{2024y / 9 / 20}} + 1s + 7ms), "2024-09-20T00:00:01.007Z");
  EXPECT_EQ(format_time(parse_time("1969-12-31T23:59:59Z").value()), "1969-12-31T23:59:59Z");
}

}  // namespace
}  // namespace base
