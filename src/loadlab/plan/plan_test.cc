#include "loadlab/plan/plan.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

std::string escaped(std::string_view value, Escaping escaping) {
  std::string out = "<";
  append_escaped(out, value, escaping);
  return out;
}

TEST(Escaping, what_a_server_answered_cannot_break_out_of_its_place) {
  const std::string_view hostile = "a\"\\ /é\r\nX: y\x01?&";
  EXPECT_EQ(escaped(hostile, Escaping::none), "<" + std::string(hostile));
  EXPECT_EQ(escaped(hostile, Escaping::json), R"(<a\"\\ /é\r\nX: y\u0001?&)");
  EXPECT_EQ(escaped(hostile, Escaping::percent), "<a%22%5C%20%2F%C3%A9%0D%0AX%3A%20y%01%3F%26");
  EXPECT_EQ(escaped(hostile, Escaping::header_value), "<a\"\\ /é  X: y ?&");
  EXPECT_EQ(escaped("Az09-._~", Escaping::percent), "<Az09-._~");
}

TEST(Check, accepts_what_is_below_400_unless_the_plan_says_more) {
  EXPECT_TRUE(Check().accepts(200));
  EXPECT_TRUE(Check().accepts(399));
  EXPECT_FALSE(Check().accepts(400));
  const Check check{{{200, 204}, {404, 404}}, {}};
  EXPECT_TRUE(check.accepts(204));
  EXPECT_FALSE(check.accepts(205));
  EXPECT_TRUE(check.accepts(404));
}

}  // namespace
}  // namespace loadlab
