#include "loadlab/history/packed.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace loadlab {
namespace {

TEST(Packed, what_was_packed_comes_back) {
  std::string text = "{\"series\": [";
  for (int i = 0; i < 50'000; ++i) text += "{\"second\": " + std::to_string(i) + "}, ";
  EXPECT_LT(pack(text).size(), text.size() / 5);
  EXPECT_EQ(unpack(pack(text)).value(), text);
  EXPECT_EQ(unpack(pack("x")).value(), "x");
  EXPECT_EQ(unpack(pack("")).value(), "");
  base::Random random(1);
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>(random.below(256));
  EXPECT_EQ(unpack(pack(noise)).value(), noise);
}

TEST(Packed, a_summary_that_was_kept_as_it_was_is_read) { EXPECT_EQ(unpack("{\"a\": 1}\n").value(), "{\"a\": 1}\n"); }

TEST(Packed, what_is_cut_or_something_else_is_refused) {
  const std::string packed = pack(std::string(10'000, 'a') + "b");
  for (std::size_t length = 1; length < packed.size(); ++length) {
    const auto cut = unpack(packed.substr(0, length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().kind, base::ErrorKind::corrupt);
  }
  EXPECT_FALSE(unpack("nothing that was packed"));
}

}  // namespace
}  // namespace loadlab
