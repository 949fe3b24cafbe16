#include "loadlab/protocol/http1_request.h"

#include <gtest/gtest.h>

#include "loadlab/result/version.h"

namespace loadlab {
namespace {

Url target() {
  Url url;
  url.text = "http://shop.test:8080/base";
  url.host = "shop.test";
  url.port = 8080;
  url.base_path = "/base";
  return url;
}

Template text(std::string literal) { return {{std::move(literal)}}; }

TEST(Http1Request, a_constant_one_is_rendered_ahead) {
  Step step;
  step.method = "GET";
  step.path = text("/health?full=1");
  const Http1Request request(step, target(), {});
  Scratch scratch;
  const auto first = request.render({}, scratch).bytes;
  EXPECT_EQ(first, std::string("GET /base/health?full=1 HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: loadlab/") +
                       kVersion + "\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(request.render({}, scratch).bytes.data(), first.data()) << "the same bytes each time, not made anew";
  EXPECT_TRUE(scratch.bytes.empty());
}

TEST(Http1Request, own_headers_replace_the_usual_ones) {
  Step step;
  step.method = "GET";
  step.path = text("/");
  step.headers = {{"host", text("other.test")}, {"USER-AGENT", text("probe/1")}, {"Accept", text("text/html")}};
  const Http1Request request(step, target(), {});
  Scratch scratch;
  EXPECT_EQ(request.render({}, scratch).bytes,
            "GET /base/ HTTP/1.1\r\nhost: other.test\r\nUSER-AGENT: probe/1\r\nAccept: text/html\r\n\r\n");
}

TEST(Http1Request, content_length_counts_the_rendered_body) {
  Step step;
  step.method = "POST";
  step.path = text("/orders");
  step.headers = {{"Content-Type", text("application/json")}};
  step.has_body = true;
  step.body = {{std::string("{\"id\":\""), Template::Variable{0, Escaping::json}, std::string("\"}")}};
  const Http1Request request(step, target(), {});
  Scratch scratch;
  const std::string message(request.render({"a\"b"}, scratch).bytes);
  EXPECT_NE(message.find("Content-Length: 13\r\n\r\n{\"id\":\"a\\\"b\"}"), std::string::npos) << message;
}

TEST(Http1Request, a_post_without_a_body_says_that_it_is_empty) {
  Step step;
  step.method = "POST";
  step.path = text("/tick");
  Scratch scratch;
  EXPECT_NE(Http1Request(step, target(), {}).render({}, scratch).bytes.find("Content-Length: 0\r\n\r\n"),
            std::string::npos);
}

TEST(Http1Request, a_connection_for_each_request_is_closed_after_it) {
  Step step;
  step.method = "GET";
  step.path = text("/");
  Http http;
  http.per_request = true;
  const Http1Request request(step, target(), http);
  Scratch scratch;
  const Message message = request.render({}, scratch);
  EXPECT_TRUE(message.last);
  EXPECT_NE(message.bytes.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST(Http1Request, a_body_is_cut_into_chunks_and_may_wait) {
  Step step;
  step.method = "POST";
  step.path = text("/");
  step.has_body = true;
  step.chunk_size = 4;
  step.expect_continue = true;
  for (const bool constant : {true, false}) {
    if (constant) {
      step.body = text("twelve bytes");
    } else {
      step.body = {{std::string("twelve "), Template::Variable{0, Escaping::none}}};
    }
    const Http1Request request(step, target(), {});
    Scratch scratch;
    const Message message = request.render({"bytes"}, scratch);
    const std::string_view chunks = "4\r\ntwel\r\n4\r\nve b\r\n4\r\nytes\r\n0\r\n\r\n";
    EXPECT_EQ(message.lasting, constant);
    EXPECT_EQ(message.held_back, chunks.size());
    EXPECT_TRUE(message.bytes.ends_with(std::string("Transfer-Encoding: chunked\r\n\r\n").append(chunks)));
    EXPECT_NE(message.bytes.find("\r\nExpect: 100-continue\r\n"), std::string::npos);
    EXPECT_EQ(message.bytes.find("Content-Length"), std::string::npos);
  }
}

TEST(Http1Request, no_value_can_break_the_message) {
  Step step;
  step.method = "GET";
  step.path = {{std::string("/r/"), Template::Variable{0, Escaping::percent}}};
  step.headers = {{"X-Token", {{Template::Variable{1, Escaping::header_value}}}}};
  const Http1Request request(step, target(), {});
  Scratch scratch;
  const std::string message(request.render({"a b\r\nX: y\xff", "one\r\nEvil: two"}, scratch).bytes);
  EXPECT_NE(message.find("GET /base/r/a%20b%0D%0AX%3A%20y%FF HTTP/1.1\r\n"), std::string::npos) << message;
  EXPECT_NE(message.find("X-Token: one  Evil: two\r\n"), std::string::npos) << message;
}

}  // namespace
}  // namespace loadlab
