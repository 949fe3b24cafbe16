#include "loadlab/report/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace loadlab {
namespace {

TEST(Units, times_take_the_unit_that_fits) {
  EXPECT_EQ(format_ms(0), "0 ms");
  EXPECT_EQ(format_ms(0.0852), "85.2 µs");
  EXPECT_EQ(format_ms(0.000071), "0.071 µs");
  EXPECT_EQ(format_ms(0.99949), "999 µs");
  EXPECT_EQ(format_ms(0.9996), "1 ms");
  EXPECT_EQ(format_ms(12.34), "12.3 ms");
  EXPECT_EQ(format_ms(999.6), "1 s");
  EXPECT_EQ(format_ms(61'000), "61.0 s");
  EXPECT_EQ(format_ms(9.998), "10.0 ms");
  EXPECT_EQ(format_ms(99.97), "100 ms");
  EXPECT_EQ(format_ms(std::numeric_limits<double>::quiet_NaN()), "—");
}

TEST(Units, shares_are_never_rounded_to_nothing_or_all) {
  EXPECT_EQ(format_percent(0), "0 %");
  EXPECT_EQ(format_percent(0.0001), "<0.01 %");
  EXPECT_EQ(format_percent(99.94), "99.9 %");
  EXPECT_EQ(format_percent(99.97), "99.97 %");
  EXPECT_EQ(format_percent(99.999), ">99.99 %");
  EXPECT_EQ(format_percent(100), "100 %");
  EXPECT_EQ(format_percent(12.34), "12.3 %");
}

TEST(Units, counts_and_rates) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_rate(0.417), "0.417/s");
  EXPECT_EQ(format_rate(98765.4), "98,765/s");
  EXPECT_EQ(format_counted(0, "thread"), "0 threads");
  EXPECT_EQ(format_counted(1, "thread"), "1 thread");
  EXPECT_EQ(format_counted(1234, "thread"), "1,234 threads");
  EXPECT_EQ(format_value(512, "MB"), "512 MB");
  EXPECT_EQ(format_value(999.6, "MB"), "1 GB");
  EXPECT_EQ(format_value(12'980, "MB"), "13.0 GB");
  EXPECT_EQ(format_value(1'500'000, "MB"), "1500 GB");
  EXPECT_EQ(format_value(-2048, "MB"), "-2.05 GB");
  EXPECT_EQ(format_value(-1234, ""), "-1,234");
  EXPECT_EQ(format_value(38, ""), "38");
  EXPECT_EQ(format_value(2000, "ms"), "2.00 s");
}

TEST(Units, widths_count_characters_and_not_bytes) {
  EXPECT_EQ(display_width("µs…"), 3u);
  EXPECT_EQ(shorten("recommend", 5), "reco…");
  EXPECT_EQ(shorten("µµµµ", 3), "µµ…");
  EXPECT_EQ(shorten("short", 5), "short");
  EXPECT_EQ(shorten_middle("short", 5), "short");
  EXPECT_EQ(shorten_middle("recommend", 5), "re…nd");
  EXPECT_EQ(shorten_middle("recommend", 6), "rec…nd");
  EXPECT_EQ(shorten_middle("aµbµc", 4), "aµ…c");
  EXPECT_EQ(shorten_middle("recommend", 1), "…");
  EXPECT_EQ(shorten_middle("recommend", 0), "");
  EXPECT_EQ(pad_left("µ", 3), "  µ");
  EXPECT_EQ(pad_right("toolong", 3), "toolong");
}

}  // namespace
}  // namespace loadlab
