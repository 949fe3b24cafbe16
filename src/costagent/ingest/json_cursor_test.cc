#include "costagent/ingest/json_cursor.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

bool valid(std::string_view text) {
  JsonCursor cursor(text);
  JsonValue value;
  return cursor.take(value) && cursor.at_end();
}

TEST(JsonCursor, every_kind_of_value_is_taken_whole) {
  for (const char* text : {"null", "true", "false", "0", "-1.25E-7", "12e+3", R"("a\"b\\c\u00e9")", "[]", "{}",
                           R"( {"a": [1, {"b": []}, "x"], "c": {"d": null}} )"}) {
    EXPECT_TRUE(valid(text)) << text;
  }
}

TEST(JsonCursor, what_is_no_json_is_refused) {
  for (const char* text :
       {"",           "nul",     "+1",          "01",       "1.",   ".5",   "1e",        "-",       "NaN",
        R"("a)",      R"("\x")", R"("\u12g4")", "\"a\nb\"", "[1,]", "[,1]", "[1 2]",     "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{a:1}",   "{\"a\":1",    "[",        "]",    "[1}",  "{\"a\":[}", "{} {}",   "1 2"}) {
    EXPECT_FALSE(valid(text)) << text;
  }
}

TEST(JsonCursor, depth_is_bounded) {
  EXPECT_TRUE(valid(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(valid(std::string(33, '[') + std::string(33, ']')));
  EXPECT_FALSE(valid(std::string(100'000, '[')));
}

TEST(JsonCursor, members_are_walked_and_values_stay_text) {
  JsonCursor cursor(R"({"cost": 0.10000000000000000555, "labels": [{"key": "a"}, 7], "name": "x\/y"})");
  std::string seen;
  std::string_view key;
  ASSERT_TRUE(cursor.enter_object());
  while (cursor.next_member(key)) {
    JsonValue value;
    ASSERT_TRUE(cursor.take(value));
    seen += std::string(key) + "=" + std::string(value.raw) + ";";
  }
  EXPECT_TRUE(cursor.ok() && cursor.at_end());
  EXPECT_EQ(seen, R"(cost=0.10000000000000000555;labels=[{"key": "a"}, 7];name=x\/y;)");
}

TEST(JsonCursor, escapes_mean_what_the_standard_says) {
  std::string text;
  append_unescaped(R"(\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00)", text);
  EXPECT_EQ(text, "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
  text.clear();
  append_unescaped(R"(\ud83d\u0041)", text);
  EXPECT_EQ(text, "\uFFFDA") << "half of a pair";
}

TEST(JsonCursor, any_text_can_be_written_as_a_string) {
  std::string text;
  append_json_string("a\"b\\\n\x01 \u00e9", text);
  EXPECT_EQ(text, "\"a\\\"b\\\\\\u000a\\u0001 \u00e9\"");
  text.clear();
  append_json_string("\xff", text);
  EXPECT_TRUE(valid(text)) << text;
}

}  // namespace
}  // namespace costagent
