#include "costagent/ingest/tags.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

std::string tags(std::string_view text) {
  std::string to = "left over";
  Remarks remarks;
  read_tags(text, to, remarks);
  return to;
}

TEST(Tags, end_as_one_object_whatever_their_form) {
  EXPECT_EQ(tags(R"({"a": "b"})"), R"({"a": "b"})");
  EXPECT_EQ(tags(R"("a": "b","c": "d")"), R"({"a": "b","c": "d"})") << "Azure's";
  EXPECT_EQ(tags(R"([{"key":"a","value":"b\"c"},{"value":null,"key":"d"},{"key":"e","value":1,"x":[]}])"),
            R"({"a":"b\"c","d":null,"e":1})")
      << "BigQuery's";
  EXPECT_EQ(tags(""), "");
  EXPECT_EQ(tags("{}"), "");
  EXPECT_EQ(tags("[]"), "");
}

TEST(Tags, a_text_that_is_none_of_them_is_kept) {
  EXPECT_EQ(tags("a=b"), R"({"":"a=b"})");
  EXPECT_EQ(tags(R"({"a": })"), R"({"":"{\"a\": }"})");
  EXPECT_EQ(tags(R"([{"key":"a"},1])"), R"({"":"[{\"key\":\"a\"},1]"})");
}

TEST(Tags, a_prefix_is_taken_off_and_nulls_are_left_out) {
  std::string to;
  Remarks remarks;
  read_tags(R"({"user_team":"web","aws_x": 1,"user_none":null})", "user_", to, remarks);
  EXPECT_EQ(to, R"({"team":"web","aws_x": 1})");
  read_tags("a=b", "user_", to, remarks);
  EXPECT_EQ(to, R"({"":"a=b"})");
}

TEST(Tags, are_written_one_by_one) {
  std::string to = "left over";
  TagWriter writer(to);
  writer.add("a\"", "b");
  writer.add("c", "");
  writer.finish();
  EXPECT_EQ(to, R"({"a\"":"b","c":""})");
}

}  // namespace
}  // namespace costagent
