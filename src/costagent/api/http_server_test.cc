#include "costagent/api/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "costagent/api/http_server_test.h"

namespace costagent {
namespace {

using testing::HasSubstr;

TEST_F(HttpServerTest, answers_on_a_free_port_with_id_date_and_type) {
  RawClient client(port());
  const auto response = client.get("/health");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "well");
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  EXPECT_FALSE(response.header("X-Request-Id").empty());
  EXPECT_THAT(response.header("Date"), testing::MatchesRegex("..., .. ... 20.. ..:..:.. GMT"));
  EXPECT_EQ(server().url(), fmt::format("http://127.0.0.1:{}", port()));
}

TEST_F(HttpServerTest, a_port_in_use_and_a_host_that_is_none_are_errors) {
  ServerOptions taken;
  taken.port = port();
  EXPECT_EQ(HttpServer::start(taken, router_, *metrics_, clock_).error().kind, base::ErrorKind::io);
  taken.host = "nowhere";
  EXPECT_EQ(HttpServer::start(taken, router_, *metrics_, clock_).error().kind, base::ErrorKind::invalid);
}

TEST_F(HttpServerTest, gives_handlers_parameter_query_and_body_with_and_without_prefix) {
  RawClient client(port());
  EXPECT_EQ(client.post("/echo/hello?a=1", "body").body, "hello|a=1|body");
  EXPECT_EQ(client.post("/api/v1/echo/hello?a=1#part", "").body, "hello|a=1|");
  EXPECT_EQ(
      client.ask("POST /echo/x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").body,
      "x||abc");
}

TEST_F(HttpServerTest, a_good_request_id_is_returned_and_a_bad_one_replaced) {
  RawClient client(port());
  EXPECT_EQ(client.ask("GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1.2:3_4\r\n\r\n").header("X-Request-Id"),
            "abc-1.2:3_4");
  for (const std::string bad : {"a b", "<script>", ""}) {
    const auto id =
        client.ask("GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + bad + "\r\n\r\n").header("X-Request-Id");
    EXPECT_NE(id, bad);
    EXPECT_FALSE(id.empty());
  }
  EXPECT_NE(client.get("/health").header("X-Request-Id"), client.get("/health").header("X-Request-Id"));
}

TEST_F(HttpServerTest, unknown_paths_and_methods_are_errors_and_the_connection_goes_on) {
  RawClient client(port());
  for (const char* path : {"/nothing", "/", "/health/", "/echo/", "/api/v1", "/api/v1x/health", "//health", "*"}) {
    expect_error(client.get(path), 404, "not_found");
  }
  const auto wrong = client.get("/echo/x");
  expect_error(wrong, 405, "method_not_allowed");
  EXPECT_EQ(wrong.header("Allow"), "POST");
  client.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read(false).status, 405);
  EXPECT_EQ(client.ask("BREW /health HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
  EXPECT_EQ(client.get("/health").status, 200);
}

TEST_F(HttpServerTest, what_a_handler_throws_is_our_error_and_not_told) {
  RawClient client(port());
  const auto response = client.get("/failing");
  expect_error(response, 500, "internal");
  EXPECT_THAT(response.body, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(client.get("/health").status, 200);
}

TEST_F(HttpServerTest, pipelined_requests_are_answered_in_order) {
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += fmt::format("POST /echo/{} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", i);
  client.send(requests);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read().body, fmt::format("{}||ab", i));
}

TEST_F(HttpServerTest, a_request_in_single_bytes_is_answered) {
  RawClient client(port());
  for (const char c : std::string_view("POST /echo/w HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"))
    client.send({&c, 1});
  EXPECT_EQ(client.read().body, "w||xyz");
}

TEST_F(HttpServerTest, a_client_that_closes_its_side_still_gets_its_answers) {
  RawClient client(port());
  client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo/w HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  client.half_close();
  EXPECT_EQ(client.read().body, "well");
  EXPECT_EQ(client.read().body, "w||");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, connection_close_and_http_1_0_are_obeyed) {
  RawClient closing(port());
  EXPECT_EQ(closing.ask("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").header("Connection"), "close");
  EXPECT_TRUE(closing.ended());
  RawClient old(port());
  EXPECT_EQ(old.ask("GET /health HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.ended());
}

TEST_F(HttpServerTest, what_is_not_http_is_refused_and_ends_the_connection) {
  for (const std::string bytes :
       {"hello\r\n\r\n", "GET /health\r\n\r\n", "GET /health HTTP/2.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient client(port());
    expect_error(client.ask(bytes), 400, "invalid_request");
    EXPECT_TRUE(client.ended()) << bytes;
  }
  EXPECT_EQ(RawClient(port()).get("/health").status, 200);
}

TEST_F(HttpServerTest, a_request_that_others_would_cut_elsewhere_is_refused_and_ends_the_connection) {
  const std::string post = "POST /echo/x HTTP/1.1\r\nHost: a\r\n";
  const std::string smuggled = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& bytes : {
           post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: identity\r\n\r\n",
           post + "Transfer-Encoding: xchunked\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 0, 0\r\n\r\n",
           post + "Content-Length: +0\r\n\r\n",
           post + "Host: b\r\nContent-Length: 0\r\n\r\n",
           std::string("POST /echo/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
           std::string("POST /echo/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    RawClient client(port());
    expect_error(client.ask(bytes + smuggled), 400, "invalid_request");
    EXPECT_TRUE(client.ended()) << bytes;
  }
}

TEST_F(HttpServerTest, what_a_server_must_be_lenient_about_it_is) {
  RawClient client(port());
  EXPECT_EQ(client.ask("\r\n\r\nGET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  EXPECT_EQ(client
                .ask("\r\nPOST http://a/echo/x?q=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                     "2\r\nab\r\n0\r\n\r\n")
                .body,
            "x|q=1|ab");
}

TEST_F(HttpServerTest, metrics_count_exactly_what_was_answered) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 200;
  server();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      RawClient client(port());
      for (int j = 0; j < kRequests; ++j) {
        EXPECT_EQ(client.get("/health").status, 200);
        EXPECT_EQ(client.post("/echo/" + std::to_string(j), "x").status, 200);
        EXPECT_EQ(client.get("/nothing/" + std::to_string(j)).status, 404);
        EXPECT_EQ(client.get("/echo/x").status, 405);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(counted(R"(http_requests_total{method="GET",route="/health",status="200"} 800)"));
  EXPECT_TRUE(counted(R"(http_requests_total{method="POST",route="/echo/{word}",status="200"} 800)"));
  EXPECT_TRUE(counted(R"(http_requests_total{method="GET",route="unmatched",status="404"} 800)"));
  EXPECT_TRUE(counted(R"(http_requests_total{method="GET",route="/echo/{word}",status="405"} 800)"));
  EXPECT_TRUE(counted(R"(http_request_duration_seconds_count{route="/health"} 800)"));
  EXPECT_EQ(metrics_->text().find("/nothing/"), std::string::npos);
}

}  // namespace
}  // namespace costagent
