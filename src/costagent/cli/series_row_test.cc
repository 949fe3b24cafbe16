#include "costagent/cli/series_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace costagent {
namespace {

std::optional<std::pair<std::size_t, std::size_t>> columns(std::vector<std::string_view> names) {
  io::CsvRecord header;
  header.fields = names;
  const auto found = series_columns("f", header);
  return found ? std::optional(std::pair(found->time, found->value)) : std::nullopt;
}

TEST(SeriesRow, names_of_columns_are_in_any_order_and_case) {
  EXPECT_EQ(columns({"timestamp", "value"}), std::pair(std::size_t{0}, std::size_t{1}));
  EXPECT_EQ(columns({"Value", "host", " TimeStamp\t"}), std::pair(std::size_t{2}, std::size_t{0}));
  EXPECT_FALSE(columns({"timestamp", "cost"}));
  EXPECT_FALSE(columns({"timestamp", "value", "Value"})) << "which of them?";
  EXPECT_FALSE(columns({"2024-01-01", "1"}));
  EXPECT_FALSE(columns({}));
}

TEST(SeriesRow, a_time_is_written_as_it_was_read) {
  for (const char* text : {"2024-09-20", "2024-09-20 20:00:00", "2024-09-20 20:05", "2024-09-20T20:00:00",
                           "2024-09-20T20:00:00Z", "2024-09-20 20:00:00 UTC", "2024-03-01 00:00:00+02:00",
                           "2024-03-01T00:00:00-0530", "2024-03-01 00:00 +14", "1704067200", "-86400"}) {
    const base::Seconds time = series_time(text).value();
    EXPECT_EQ(time_text(time, form_of(text, time)), text);
  }
}

TEST(SeriesRow, of_a_form_that_cannot_write_a_time_it_is_written_in_full) {
  const base::Seconds midnight = series_time("2024-09-20").value();
  EXPECT_EQ(time_text(midnight + std::chrono::hours(7), form_of("2024-09-20", midnight)), "2024-09-20 07:00:00");
  const char* minutes = "2024-09-20 00:00+01:00";
  EXPECT_EQ(time_text(midnight + std::chrono::seconds(5), form_of(minutes, series_time(minutes).value())),
            "2024-09-20 01:00:05+01:00");
  const char* fraction = "2024-09-20T00:00:00.123Z";
  EXPECT_EQ(time_text(midnight, form_of(fraction, series_time(fraction).value())), "2024-09-20T00:00:00Z");
}

TEST(SeriesRow, values_are_numbers_or_missing) {
  EXPECT_EQ(series_value("+5e1"), 50);
  EXPECT_EQ(series_value("x"), std::nullopt);
  EXPECT_EQ(series_value("1,5"), std::nullopt);
  for (const char* missing : {"", "nan", "-inf", "1e999"}) EXPECT_TRUE(std::isnan(series_value(missing).value()));
}

TEST(SeriesRow, of_many_lines_the_first_are_named_and_the_others_counted) {
  NamedLines lines;
  for (const std::uint64_t line : {3, 4, 7, 8, 9}) EXPECT_TRUE(lines.add(line));
  EXPECT_EQ(lines.text(), "lines 3, 4, 7, 8, 9");
  EXPECT_FALSE(lines.add(12));
  EXPECT_FALSE(lines.add(15));
  EXPECT_EQ(lines.text(), "lines 3, 4, 7, 8, 9 and 2 more");
}

}  // namespace
}  // namespace costagent
