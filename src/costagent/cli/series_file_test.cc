#include "costagent/cli/series_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace costagent {
namespace {

using testing::HasSubstr;

base::Result<SeriesFile> read(std::string text) {
  return read_series("costs.csv",
                     [text, at = std::size_t{0}](char* buffer, std::size_t size) mutable -> base::Result<std::size_t> {
                       const std::size_t count = std::min(size, text.size() - at);
                       std::memcpy(buffer, text.data() + at, count);
                       at += count;
                       return count;
                     });
}

const std::string kHeader = "timestamp,value\n";

std::string refusal(std::string text) {
  const auto series = read(std::move(text));
  return series ? "taken" : series.error().message;
}

TEST(SeriesFile, fills_gaps_and_keeps_the_form_of_its_times) {
  const auto series =
      read("timestamp,value\n2024-02-27,1\n2024-02-28,\n2024-03-01,-4e2\n2024-03-02,nan\n2024-03-03,+5\n");
  ASSERT_TRUE(series) << series.error().message;
  EXPECT_EQ(series->values.size(), 6u) << "2024 has a 29th of February";
  EXPECT_TRUE(std::isnan(series->values[1]) && std::isnan(series->values[2]));
  EXPECT_EQ(series->values[3], -400);
  EXPECT_EQ(series->timeline.step, std::chrono::days(1));
  EXPECT_EQ(time_text(series->timeline.at(6), series->form), "2024-03-04");
  const auto fine = read("Timestamp,VALUE\r\n2014-04-01 00:00:00,20\r\n2014-04-01 00:05:00,21\r\n");
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->timeline.step, std::chrono::minutes(5));
  EXPECT_EQ(time_text(fine->timeline.at(2), fine->form), "2014-04-01 00:10:00");
}

TEST(SeriesFile, takes_named_columns_in_any_order_and_seconds_since_1970) {
  const auto series = read("value,host,timestamp\n1,a,1704067200\n2,b,1704070800\n");
  ASSERT_TRUE(series) << series.error().message;
  EXPECT_EQ(series->values, (std::vector<double>{1, 2}));
  EXPECT_EQ(series->timeline.step, std::chrono::hours(1));
  EXPECT_EQ(time_text(series->timeline.at(2), series->form), "1704074400");
}

TEST(SeriesFile, of_a_time_that_comes_twice_the_last_value_counts) {
  const auto series = read("timestamp,value\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n2024-01-03,4\n");
  ASSERT_TRUE(series) << series.error().message;
  EXPECT_EQ(series->values, (std::vector<double>{1, 3, 4}));
  EXPECT_EQ(series->repeated.count(), 1u);
  EXPECT_EQ(series->repeated.text(), "line 4");
  EXPECT_EQ(read("timestamp,value\n2024-01-01,1\n")->repeated.count(), 0u);
}

TEST(SeriesFile, keeps_the_form_and_the_offset_of_its_last_row) {
  const auto series = read("timestamp,value\n2024-03-30,1\n2024-03-31T00:00:00+00:00,2\n2024-04-01T02:00:00+02:00,3\n");
  ASSERT_TRUE(series) << series.error().message;
  EXPECT_EQ(time_text(series->timeline.at(3), series->form), "2024-04-02T02:00:00+02:00");
}

TEST(SeriesFile, says_on_which_line_what_is_wrong) {
  EXPECT_THAT(refusal("timestamp,value\n2024-01-01,1\n2024-01-02,x\n"), HasSubstr("line 3: 'x' is no number"));
  EXPECT_THAT(refusal(kHeader + "2024-01-01,1\nyesterday,1\n"), HasSubstr("costs.csv, line 3: "));
  EXPECT_THAT(refusal(kHeader + "2024-01-01,1\n2024-01-02\n"),
              HasSubstr("line 3: expected the columns timestamp and value, not 1"));
  EXPECT_THAT(refusal("time,value\n2024-01-01,1\n"),
              HasSubstr("line 1: a header with the columns timestamp and value is needed, not: time,value"));
  EXPECT_THAT(refusal(kHeader + "2024-01-01,1\n2024-01-03,1\n2024-01-02,1\n"),
              HasSubstr("line 4: its time is before that of line 3"));
  EXPECT_THAT(refusal(kHeader + "2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n2024-01-03 07:00:00,1\n"),
              HasSubstr("line 5: this time is no multiple of the step"));
  EXPECT_THAT(refusal(kHeader + "2024-01-01 00:00:00,1\n2024-01-01 00:00:10,1\n"), HasSubstr("10 s apart"));
  EXPECT_THAT(refusal(kHeader + "2024-01-01,1\n2024-01-08,1\n"), HasSubstr("604800 s apart"));
  EXPECT_THAT(refusal("timestamp,value\n"), HasSubstr("no values"));
  EXPECT_THAT(refusal("2024-01-01,1\n2024-01-02,1\n"), HasSubstr("is needed, not: 2024-01-01,1"));
  EXPECT_THAT(refusal(""), HasSubstr("is needed, not: an empty file"));
}

TEST(SeriesFile, refuses_a_gap_that_would_fill_memory) {
  EXPECT_THAT(
      refusal(kHeader + "2000-01-01 00:00:00,1\n2000-01-01 00:05:00,1\n2000-01-01 00:10:00,1\n2024-01-01 00:00:00,1\n"),
      HasSubstr("line 5: with its gaps the series has more than 1100000 steps"));
}

}  // namespace
}  // namespace costagent
