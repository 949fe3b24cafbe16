#include "loadlab/protocol/keyword.h"

#include <gtest/gtest.h>

#include <string>

namespace loadlab {
namespace {

constexpr Keyword kLength{"content-length"};
constexpr Keyword kEncoding{"transfer-encoding"};

TEST(Keyword, is_found_whatever_its_case) {
  EXPECT_TRUE(kLength.is("content-length"));
  EXPECT_TRUE(kLength.is("Content-Length"));
  EXPECT_TRUE(kLength.is("CONTENT-LENGTH"));
  EXPECT_TRUE(kEncoding.is("Transfer-Encoding"));
}

TEST(Keyword, differs_from_a_word_with_one_other_byte) {
  for (const std::string word : {"content-length", "CONTENT-LENGTH", "Transfer-Encoding"}) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = word;
        other[i] = static_cast<char>(byte);
        const bool same = std::tolower(byte) == std::tolower(word[i]);
        EXPECT_EQ(kLength.is(other) || kEncoding.is(other), same) << word << ": byte " << i << " is " << byte;
      }
    }
  }
}

TEST(Keyword, differs_from_a_longer_and_a_shorter_word) {
  EXPECT_FALSE(kLength.is("content-lengt"));
  EXPECT_FALSE(kLength.is("content-lengths"));
  EXPECT_FALSE(kLength.is(""));
}

}  // namespace
}  // namespace loadlab
