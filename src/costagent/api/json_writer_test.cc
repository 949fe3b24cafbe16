#include "costagent/api/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>

#include "base/random.h"

namespace costagent {
namespace {

TEST(JsonWriter, nests_and_separates) {
  JsonWriter json;
  json.begin_object().field("a", 1).key("b").begin_array().value("x").value(2.5).null().begin_object().end_object();
  json.end_array().field("c", true).key("d").raw("[1]").field("e", base::Decimal::parse("1.50").value()).end_object();
  EXPECT_EQ(json.take(), R"({"a":1,"b":["x",2.5,null,{}],"c":true,"d":[1],"e":"1.5"})");
}

TEST(JsonWriter, numbers_that_are_none_are_null) {
  JsonWriter json;
  json.begin_array().value(NAN).value(INFINITY).value(1e300).end_array();
  EXPECT_EQ(json.take(), "[null,null,1e+300]");
}

TEST(JsonWriter, texts_of_any_bytes_become_json) {
  JsonWriter json;
  json.begin_array().value("a\"\\\n\x01/ü€😀").value("\xff\xc3(\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82").end_array();
  const auto text = json.take();
  const auto parsed = boost::json::parse(text).as_array();
  EXPECT_EQ(parsed[0].as_string(), "a\"\\\n\x01/ü€😀");
  EXPECT_TRUE(parsed[1].as_string().starts_with("\uFFFD\uFFFD("));
}

TEST(JsonWriter, whatever_the_bytes_a_strict_parser_reads_it) {
  base::Random random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (auto i = random.below(12); i > 0; --i) bytes += static_cast<char>(random.below(256));
    JsonWriter json;
    json.value(bytes);
    boost::json::error_code error;
    boost::json::parse(json.take(), error);
    EXPECT_FALSE(error) << round;
  }
}

}  // namespace
}  // namespace costagent
