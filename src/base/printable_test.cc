#include "base/printable.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Printable, keeps_text_of_any_language) {
  for (const char* text : {"", "plain 'text'", "Zürich", "東京", "€ 5", "🙂", "\xc2\xa0"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, shows_control_characters_and_broken_bytes) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "a control character of two bytes";
  EXPECT_EQ(printable("Z\xc3"), "Z\\xc3") << "cut short";
  EXPECT_EQ(printable("\xc3x"), "\\xc3x");
  EXPECT_EQ(printable("\xff\x80"), "\\xff\\x80");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80") << "overlong";
  EXPECT_EQ(printable("\xe0\x80\x80"), "\\xe0\\x80\\x80") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
}

TEST(IsUtf8, tells_text_from_bytes_wherever_they_stand) {
  for (const char* text : {"", "plain text of many letters\t", "K\u00f6ln, \u6771\u4eac and \U0001f600"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* bytes : {"\xf6", "plain text of many letters\xf6ln", "12345678\xc3", "\xed\xa0\x80"})
    EXPECT_FALSE(is_utf8(bytes));
}

TEST(ValidUtf8, keeps_controls_and_writes_out_what_is_no_character) {
  EXPECT_EQ(valid_utf8("a\nb\x01 \xc3\xa9 \xc2\x85"), "a\nb\x01 \xc3\xa9 \xc2\x85");
  EXPECT_EQ(valid_utf8("cut \xc3"), "cut \\xc3");
  EXPECT_EQ(valid_utf8("\xff\xfe"), "\\xff\\xfe");
}

}  // namespace
}  // namespace base
