#include "loadlab/protocol/http2_request.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/result/version.h"

namespace loadlab {
namespace {

using ::testing::ElementsAre;

Url target() {
  Url url;
  url.text = "http://shop.test:8080/base";
  url.host = "shop.test";
  url.port = 8080;
  url.base_path = "/base";
  return url;
}

Template text(std::string literal) { return {{std::move(literal)}}; }

std::vector<std::string> lines(const Message& message) {
  std::vector<std::string> all;
  for (const HeaderField& field : message.fields) all.push_back(fmt::format("{}: {}", field.name, field.value));
  return all;
}

Step step_of(std::string method, Template path) {
  Step step;
  step.method = std::move(method);
  step.path = std::move(path);
  return step;
}

TEST(Http2Request, a_constant_one_is_rendered_ahead) {
  const Http2Request request(step_of("GET", text("/health?full=1")), target());
  Scratch scratch;
  const Message message = request.render({}, scratch);
  EXPECT_THAT(lines(message),
              ElementsAre(":method: GET", ":scheme: http", ":authority: shop.test:8080", ":path: /base/health?full=1",
                          fmt::format("user-agent: loadlab/{}", kVersion), "accept: */*"));
  EXPECT_TRUE(message.lasting);
  EXPECT_TRUE(scratch.bytes.empty());
  EXPECT_EQ(request.render({}, scratch).fields.data(), message.fields.data()) << "the same each time, not made anew";
}

TEST(Http2Request, names_are_lower_case_and_what_is_about_the_connection_is_left_out) {
  Step step = step_of("GET", text("/"));
  step.headers = {{"Host", text("other.test")},  {"USER-AGENT", text("probe/1")},
                  {"Accept", text("text/html")}, {"Keep-Alive", text("timeout=5")},
                  {"TE", text("gzip")},          {"X-Trace", text(" on ")}};
  Scratch scratch;
  EXPECT_THAT(lines(Http2Request(step, target()).render({}, scratch)),
              ElementsAre(":method: GET", ":scheme: http", ":authority: other.test", ":path: /base/",
                          "user-agent: probe/1", "accept: text/html", "x-trace: on"));
}

TEST(Http2Request, texts_with_variables_are_put_together_and_the_body_is_counted) {
  Step step = step_of("POST", {{std::string("/r/"), Template::Variable{0, Escaping::percent}}});
  step.headers = {{"X-Token", {{Template::Variable{1, Escaping::header_value}}}}};
  step.has_body = true;
  step.body = {{std::string("{\"id\":\""), Template::Variable{2, Escaping::json}, std::string("\"}")}};
  const Http2Request request(step, target());
  Scratch scratch;
  const std::string longest(5000, 'v');
  for (const std::string& token : {std::string("one\r\nEvil: two"), longest}) {
    const Message message = request.render({"a b", token, "a\"b"}, scratch);
    EXPECT_FALSE(message.lasting);
    EXPECT_EQ(message.body, "{\"id\":\"a\\\"b\"}");
    const std::string expected = token == longest ? longest : "one  Evil: two";
    EXPECT_THAT(lines(message), ElementsAre(":method: POST", ":scheme: http", ":authority: shop.test:8080",
                                            ":path: /base/r/a%20b", fmt::format("user-agent: loadlab/{}", kVersion),
                                            "accept: */*", "x-token: " + expected, "content-length: 13"));
    EXPECT_GE(message.size, message.body.size() + token.size());
  }
}

TEST(Http2Request, a_post_without_a_body_says_that_it_is_empty) {
  Scratch scratch;
  const Http2Request request(step_of("POST", text("/tick")), target());
  const Message message = request.render({}, scratch);
  EXPECT_EQ(lines(message).back(), "content-length: 0");
  EXPECT_TRUE(message.body.empty());
}

}  // namespace
}  // namespace loadlab
