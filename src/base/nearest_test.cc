#include "base/nearest.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Nearest, counts_edits_and_swaps) {
  EXPECT_EQ(edit_distance("users", "users"), 0u);
  EXPECT_EQ(edit_distance("user", "users"), 1u);
  EXPECT_EQ(edit_distance("uesrs", "users"), 1u);
  EXPECT_EQ(edit_distance("Users", "users"), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, finds_the_word_that_was_meant) {
  const std::vector<std::string_view> keys = {"users", "rate", "duration", "ramp_up", "thresholds"};
  EXPECT_EQ(nearest("usres", keys), "users");
  EXPECT_EQ(nearest("treshold", keys), "thresholds");
  EXPECT_EQ(nearest("ramp-up", keys), "ramp_up");
  EXPECT_EQ(nearest("banana", keys), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

}  // namespace
}  // namespace base
