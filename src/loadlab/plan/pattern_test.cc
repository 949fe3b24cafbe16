#include "loadlab/plan/pattern.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

Pattern pattern(std::string_view expression) { return Pattern::compile(expression).value(); }

TEST(Pattern, is_found_anywhere_unless_it_is_anchored) {
  EXPECT_TRUE(pattern("b+").found_in("abbc"));
  EXPECT_FALSE(pattern("^b+").found_in("abbc"));
  EXPECT_TRUE(pattern("").found_in(""));
}

TEST(Pattern, extracts_its_first_group_or_else_all_it_matched) {
  EXPECT_EQ(pattern("page=(\\d+)").extract("/items?page=17&size=5"), "17");
  EXPECT_EQ(pattern("\\d+").extract("/items?page=17"), "17");
  EXPECT_EQ(pattern("\\d+").extract("/items"), std::nullopt);
  EXPECT_EQ(pattern("a(b)?").extract("ac"), std::nullopt) << "the group took no part";
  EXPECT_EQ(pattern("a(b?)").extract("ac"), "");
}

TEST(Pattern, what_is_none_or_too_large_is_refused) {
  EXPECT_FALSE(Pattern::compile("a("));
  EXPECT_FALSE(Pattern::compile("(a)\\1")) << "no linear engine can go back to a group";
  EXPECT_FALSE(Pattern::compile(std::string(1001, 'a')));
  EXPECT_FALSE(Pattern::compile("((a{100}){100}){100}"));
}

TEST(Pattern, takes_linear_time_and_a_fixed_stack_on_hostile_text) {
  // A backtracking engine takes 2^1000000 steps for this one, or a stack frame for each letter.
  EXPECT_FALSE(pattern("(a+)+$").found_in(std::string(1'000'000, 'a') + "b"));
}

}  // namespace
}  // namespace loadlab
