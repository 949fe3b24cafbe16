#include "loadlab/engine/capture.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

constexpr const char* kBody = R"({"items":[{"id":"r-1","price":2.5,"open":true}],"a/b":7,"none":null})";
constexpr const char* kHead = "Content-Type: application/json\r\nLOCATION:  /orders/42?page=7 \r\nX-Empty:\r\n";

base::Result<> captured(const std::vector<Capture>& captures, std::string_view body,
                        std::vector<std::string>& variables) {
  Reply reply;
  reply.head = kHead;
  reply.body = body;
  Answer answer(reply, base::Nanoseconds(0));
  return capture_all(captures, answer, variables);
}

Capture by_pattern(std::size_t slot, Capture::Source source, const std::string& at, std::string_view pattern) {
  return {slot, "v", at, source, Pattern::compile(pattern).value()};
}

TEST(Capture, takes_strings_numbers_and_structures) {
  std::vector<std::string> variables(4);
  ASSERT_TRUE(
      captured({{0, "id", "/items/0/id"}, {1, "price", "/items/0/price"}, {2, "slash", "/a~1b"}, {3, "all", "/items"}},
               kBody, variables));
  EXPECT_EQ(variables[0], "r-1");
  EXPECT_EQ(variables[1], "2.5") << "not 2.5E0";
  EXPECT_EQ(variables[2], "7");
  EXPECT_EQ(variables[3], R"([{"id":"r-1","price":2.5E0,"open":true}])");
}

TEST(Capture, takes_headers_whatever_their_case_and_without_blanks) {
  std::vector<std::string> variables(2);
  ASSERT_TRUE(
      captured({{0, "where", "Location", Capture::Source::header}, {1, "empty", "x-empty", Capture::Source::header}},
               "", variables));
  EXPECT_EQ(variables[0], "/orders/42?page=7");
  EXPECT_EQ(variables[1], "");
}

TEST(Capture, takes_what_a_pattern_finds_in_a_body_a_header_or_a_json_value) {
  std::vector<std::string> variables(3);
  ASSERT_TRUE(captured({by_pattern(0, Capture::Source::body, "", "\"price\":([0-9.]+)"),
                        by_pattern(1, Capture::Source::header, "location", "page=(\\d+)"),
                        by_pattern(2, Capture::Source::json, "/items/0/id", "\\d+")},
                       kBody, variables));
  EXPECT_EQ(variables, (std::vector<std::string>{"2.5", "7", "1"}));
}

TEST(Capture, what_is_not_there_is_an_error_and_changes_nothing) {
  std::vector<std::string> variables = {"old", "old"};
  for (const char* pointer : {"/items/1/id", "/none", "/items/0/id/x", "/missing"}) {
    const auto failed = captured({{0, "id", "/items/0/id"}, {1, "other", pointer}}, kBody, variables);
    ASSERT_FALSE(failed) << pointer;
    EXPECT_NE(failed.error().message.find("'other'"), std::string::npos);
  }
  EXPECT_FALSE(captured({{0, "id", "/id"}}, "<html>", variables));
  EXPECT_FALSE(captured({{0, "id", "/id"}}, std::string(100, '[') + std::string(100, ']'), variables));
  EXPECT_FALSE(captured({{0, "id", "Etag", Capture::Source::header}}, kBody, variables));
  EXPECT_FALSE(captured({by_pattern(0, Capture::Source::body, "", "x-\\d")}, kBody, variables));
  EXPECT_EQ(variables, (std::vector<std::string>{"old", "old"}));
}

}  // namespace
}  // namespace loadlab
