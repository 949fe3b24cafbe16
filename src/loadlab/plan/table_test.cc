#include "loadlab/plan/table.h"

#include <gmock/gmock.h>

namespace loadlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Table table_of(std::string_view text, TableFormat format) {
  auto table = read_table(text, format, "data");
  EXPECT_TRUE(table) << table.error().message;
  return table ? std::move(*table) : Table({"none"});
}

std::string complaint(std::string_view text, TableFormat format) {
  const auto table = read_table(text, format, "data");
  return table ? "" : table.error().message;
}

TEST(Table, csv_has_its_columns_in_the_first_line) {
  const Table table =
      table_of("name,full name,note\r\nann,\"Ann \"\"A\"\" Lee\",\r\nbob,\"Bob,\nJr\",x", TableFormat::csv);
  EXPECT_THAT(table.columns(), ElementsAre("name", "full name", "note"));
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.value(0, 0), "ann");
  EXPECT_EQ(table.value(0, 1), "Ann \"A\" Lee");
  EXPECT_EQ(table.value(0, 2), "");
  EXPECT_EQ(table.value(1, 1), "Bob,\nJr");
  EXPECT_EQ(table.value(1, 2), "x");
}

TEST(Table, json_lines_keep_numbers_as_they_are_written_and_take_keys_in_any_order) {
  const Table table = table_of(
      "{\"name\": \"a\\u00e9\\n\", \"price\": 1.10, \"big\": 12345678901234567890123, \"on\": true}\n\n"
      "{\"on\": null, \"big\": -0, \"price\": 1E2, \"name\": \"\"}\r\n",
      TableFormat::json_lines);
  EXPECT_THAT(table.columns(), ElementsAre("name", "price", "big", "on"));
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.value(0, 0), "a\xC3\xA9\n");
  EXPECT_EQ(table.value(0, 1), "1.10");
  EXPECT_EQ(table.value(0, 2), "12345678901234567890123");
  EXPECT_EQ(table.value(0, 3), "true");
  EXPECT_EQ(table.value(1, 1), "1E2");
  EXPECT_EQ(table.value(1, 3), "");
}

TEST(Table, what_is_wrong_with_csv_is_told_with_line_and_column) {
  const auto csv = [](std::string_view text) { return complaint(text, TableFormat::csv); };
  EXPECT_EQ(csv("a,b\n1,2\n1\n"), "data:3:2: 1 values, where the first line names 2 columns");
  EXPECT_EQ(csv("a,b\n\"x\ny\",é,3\n"), "data:3:6: 3 values, where the first line names 2 columns")
      << "in the line and at the character where the third value begins";
  EXPECT_EQ(csv("a,b\n1,\"x\"y\n"), "data:2:6: there is text between a closing quote and the next comma");
  EXPECT_EQ(csv("a,a\n1,2\n"), "data:1:1: two columns are named 'a'; name them apart");
  EXPECT_EQ(csv("a,\n1,2\n"), "data:1:1: column 2 has no name");
  EXPECT_THAT(csv(""), HasSubstr("data:1:1: it is empty"));
  EXPECT_THAT(csv("a,b\n"), HasSubstr("data:1:1: it has no row"));
  EXPECT_THAT(csv("a\n" + std::string(kLongestValue + 1, 'x')), HasSubstr("data:2:1: a value is longer than 8000"));
  EXPECT_THAT(csv("a" + std::string(kMostColumns, ',')), HasSubstr("data:1:1: 101 columns are too many"));
}

TEST(Table, what_is_wrong_with_json_lines_is_told_with_line_and_column) {
  const auto lines = [](std::string_view text) { return complaint(text, TableFormat::json_lines); };
  EXPECT_THAT(lines("{\"a\": 1}\n{\"a\": }\n"), HasSubstr("data:2:7: "));
  EXPECT_THAT(lines("{\"a\": 1}\n{\"a\": 1\n"), HasSubstr("data:2:8: "));
  EXPECT_THAT(lines("{\"a\": {\"b\": 1}}"), HasSubstr("not an object"));
  EXPECT_THAT(lines("{\"a\": [1]}"), HasSubstr("not a list"));
  EXPECT_THAT(lines("[1]"), HasSubstr("data:1:1: a line is an object"));
  EXPECT_THAT(lines("12"), HasSubstr("a line is an object"));
  EXPECT_THAT(lines("{\"a\": 1} {\"a\": 2}"), HasSubstr("data:1:10: a line is one object"));
  EXPECT_THAT(lines("{\"a\": 1, \"a\": 2}"), HasSubstr("a key that it has already"));
  EXPECT_EQ(lines("{\"a\": 1}\n{\"b\": 1}"), "data:2:1: no 'a', which the first line has; all have the same keys");
  EXPECT_EQ(lines("{\"a\": 1}\n{\"a\": 1, \"b\": 1}"),
            "data:2:1: 'b' is no key of the first line; all have the same keys");
  EXPECT_THAT(lines("{}"), HasSubstr("no columns"));
  EXPECT_THAT(lines("{\"a\": \"\xff\"}"), HasSubstr("data:1:"));
}

TEST(Table, too_many_rows_are_refused) {
  std::string text = "a\n";
  for (std::size_t i = 0; i <= kMostRows; ++i) text += "1\n";
  EXPECT_EQ(complaint(text, TableFormat::csv), "data:1000002:1: more than 1000000 rows; use fewer");
}

TEST(Table, the_format_is_that_of_the_ending) {
  EXPECT_EQ(table_format("a.csv"), TableFormat::csv);
  EXPECT_EQ(table_format("b/a.jsonl"), TableFormat::json_lines);
  EXPECT_EQ(table_format("a.ndjson"), TableFormat::json_lines);
  EXPECT_EQ(table_format("a.json"), std::nullopt);
}

}  // namespace
}  // namespace loadlab
