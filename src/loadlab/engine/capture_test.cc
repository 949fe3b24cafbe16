#include "loadlab/engine/capture.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

constexpr const char* kBody = R"({"items":[{"id":"r-1","price":2.5,"open":true}],"a/b":7,"none":null})";

TEST(Capture, takes_strings_numbers_and_structures) {
  std::vector<std::string> variables(4);
  ASSERT_TRUE(capture_all(
      {{0, "id", "/items/0/id"}, {1, "price", "/items/0/price"}, {2, "slash", "/a~1b"}, {3, "all", "/items"}}, kBody,
      variables));
  EXPECT_EQ(variables[0], "r-1");
  EXPECT_EQ(variables[1], "2.5E0");
  EXPECT_EQ(variables[2], "7");
  EXPECT_EQ(variables[3], R"([{"id":"r-1","price":2.5E0,"open":true}])");
}

TEST(Capture, what_is_not_there_is_an_error_and_changes_nothing) {
  std::vector<std::string> variables = {"old", "old"};
  for (const char* pointer : {"/items/1/id", "/none", "/items/0/id/x", "/missing"}) {
    const auto captured = capture_all({{0, "id", "/items/0/id"}, {1, "other", pointer}}, kBody, variables);
    ASSERT_FALSE(captured) << pointer;
    EXPECT_NE(captured.error().message.find(pointer), std::string::npos);
  }
  EXPECT_FALSE(capture_all({{0, "id", "/id"}}, "<html>", variables));
  EXPECT_FALSE(capture_all({{0, "id", "/id"}}, std::string(100, '[') + std::string(100, ']'), variables));
  EXPECT_EQ(variables, (std::vector<std::string>{"old", "old"}));
}

}  // namespace
}  // namespace loadlab
