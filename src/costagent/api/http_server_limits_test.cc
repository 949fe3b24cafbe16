// What a server takes of its clients, how long it waits for them, and how it stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "costagent/api/http_server_test.h"

namespace costagent {
namespace {

TEST_F(HttpServerTest, a_body_over_the_limit_is_413_however_it_is_sent) {
  const std::string large(options_.max_body + 1, 'x');
  RawClient announced(port());
  expect_error(announced.post("/echo/x", large), 413, "too_large");
  RawClient chunked(port());
  expect_error(chunked.ask(fmt::format(
                   "POST /echo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                   large.size(), large)),
               413, "too_large");
  RawClient exact(port());
  EXPECT_EQ(exact.post("/echo/x", large.substr(1)).body.size(), options_.max_body + 3);
  EXPECT_TRUE(counted(R"(http_requests_total{method="POST",route="/echo/{word}",status="413"} 2)"));
}

TEST_F(HttpServerTest, headers_over_the_limit_are_431) {
  RawClient one(port());
  expect_error(one.ask("GET /health HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), 431,
               "headers_too_large");
  std::string many = "GET /health HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 2'000; ++i) many += fmt::format("X-{}: 123456\r\n", i);
  RawClient client(port());
  expect_error(client.ask(many + "\r\n"), 431, "headers_too_large");
  RawClient target(port());
  expect_error(target.ask("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 431,
               "headers_too_large");
}

TEST_F(HttpServerTest, a_header_or_a_body_that_does_not_arrive_is_408) {
  options_.header_timeout = options_.body_timeout = std::chrono::milliseconds(50);
  RawClient header(port());
  header.send("GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  expect_error(header.read(), 408, "timeout");
  EXPECT_TRUE(header.ended());
  RawClient body(port());
  body.send("POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  expect_error(body.read(), 408, "timeout");
  EXPECT_TRUE(body.ended());
}

TEST_F(HttpServerTest, an_idle_connection_is_closed_without_a_word) {
  options_.idle_timeout = std::chrono::milliseconds(50);
  RawClient client(port());
  EXPECT_TRUE(client.ended());
  RawClient used(port());
  EXPECT_EQ(used.get("/health").status, 200);
  EXPECT_TRUE(used.ended());
}

TEST_F(HttpServerTest, a_client_that_does_not_read_its_answer_is_given_up) {
  options_.write_timeout = std::chrono::milliseconds(50);
  RawClient client(port());
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  await_metric(R"(http_requests_total{method="GET",route="/big",status="200"} 1)");
  await_metric("http_connections 0");
}

TEST_F(HttpServerTest, a_client_that_expects_100_is_told_to_go_on) {
  RawClient client(port());
  client.send("POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read().body, "x||abc");
}

TEST_F(HttpServerTest, beyond_the_limit_of_connections_a_request_is_refused_and_health_is_not) {
  options_.max_connections = 2;
  RawClient first(port());
  RawClient second(port());
  EXPECT_EQ(first.get("/health").status, 200);
  EXPECT_EQ(second.get("/health").status, 200);
  RawClient third(port());
  expect_error(third.post("/echo/x", ""), 503, "overloaded");
  EXPECT_TRUE(third.ended());
  RawClient fourth(port());
  EXPECT_EQ(fourth.get("/health").status, 200);
  EXPECT_TRUE(fourth.ended());
  EXPECT_EQ(first.post("/echo/x", "").status, 200);
}

TEST_F(HttpServerTest, a_crowd_that_asks_for_nothing_keeps_nobody_out) {
  options_.max_connections = 2;
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (int i = 0; i < 200; ++i) crowd.push_back(std::make_unique<RawClient>(port()));
  RawClient late(port());
  EXPECT_EQ(late.get("/health").status, 200);
  EXPECT_EQ(crowd.front()->get("/health").status, 200) << "who came before the crowd stays";
}

TEST_F(HttpServerTest, an_answer_that_is_not_known_yet_is_asked_for_again) {
  RawClient client(port());
  EXPECT_EQ(client.get("/patient").body, "done");
  EXPECT_EQ(asked_, 3);
}

TEST_F(HttpServerTest, stopping_answers_what_is_in_flight_and_ends_what_is_idle) {
  RawClient idle(port());
  EXPECT_EQ(idle.get("/health").status, 200);
  RawClient busy(port());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  door_.await(1);
  std::thread stopping([this] { server().stop(); });
  EXPECT_TRUE(idle.ended());
  door_.open();
  const auto response = busy.read();
  EXPECT_EQ(response.body, "slow");
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_TRUE(busy.ended());
  stopping.join();
  EXPECT_FALSE(RawClient(port()).connected());
}

TEST_F(HttpServerTest, stopping_gives_up_what_does_not_end_in_time) {
  options_.drain_timeout = std::chrono::milliseconds(20);
  RawClient half(port());
  half.send("POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  RawClient other(port());
  EXPECT_EQ(other.get("/health").status, 200);
  server().stop();
  EXPECT_TRUE(half.ended());
}

TEST_F(HttpServerTest, clients_that_vanish_at_any_moment_leave_nothing_behind) {
  const std::string request = "POST /echo/word HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n12345678901234567890";
  for (std::size_t sent = 0; sent <= request.size(); ++sent) {
    RawClient client(port());
    client.send(request.substr(0, sent));
    client.vanish();
  }
  RawClient waiting(port());
  waiting.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  door_.await(1);
  waiting.vanish();
  door_.open();
  await_metric("http_connections 0");
  await_metric("http_requests_in_flight 0");
  EXPECT_EQ(RawClient(port()).get("/health").status, 200);
}

}  // namespace
}  // namespace costagent
