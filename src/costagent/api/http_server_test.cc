#include "costagent/api/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "costagent/api/raw_client.h"

namespace costagent {
namespace {

using testing::HasSubstr;

// A door that handlers wait at until the test opens it, and where the test sees how many have come.
class Door {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await(int waiting) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= waiting; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    const auto healthy = [](const Request&) -> base::Result<Response> { return text("well"); };
    const auto echo = [](const Request& request) -> base::Result<Response> {
      return text(fmt::format("{}|{}|{}", request.parameters[0], request.query, request.body));
    };
    const auto slow = [this](const Request&) -> base::Result<Response> {
      door_.pass();
      return text("slow");
    };
    const auto failing = [](const Request&) -> base::Result<Response> { throw std::runtime_error("secret"); };
    const auto patient = [this](const Request&) -> base::Result<Response> {
      Response response = text("not yet");
      response.ask_again = [this](bool last) { return asked_again(last); };
      return response;
    };
    const auto big = [](const Request&) -> base::Result<Response> { return text(std::string(64 << 20, 'x')); };
    router_.add(Method::get, "/health", healthy, Turn::at_once);
    router_.add(Method::post, "/echo/{word}", echo);
    router_.add(Method::get, "/slow", slow);
    router_.add(Method::get, "/failing", failing);
    router_.add(Method::get, "/patient", patient);
    router_.add(Method::get, "/big", big);
    options_.worker_threads = 2;
    options_.io_threads = 2;
    metrics_.emplace(router_.patterns());
  }

  HttpServer& server() {
    if (!server_) server_ = HttpServer::start(options_, router_, *metrics_, clock_).value();
    return *server_;
  }
  std::uint16_t port() { return server().port(); }

  Response asked_again(bool last) {
    const bool done = ++asked_ >= 3 || last;
    Response response = text(last ? "last" : done ? "done" : "not yet");
    if (!done) response.ask_again = [this](bool next_last) { return asked_again(next_last); };
    return response;
  }

  static boost::json::object error_of(const RawResponse& response) {
    return boost::json::parse(response.body).as_object();
  }

  // The form that every error has, to the letter.
  static void expect_error(const RawResponse& response, int status, const char* code) {
    EXPECT_EQ(response.status, status);
    ASSERT_FALSE(response.body.empty());
    const auto error = error_of(response);
    EXPECT_EQ(error.size(), 5u);
    EXPECT_EQ(error.at("error"), code);
    EXPECT_FALSE(error.at("message").as_string().empty());
    EXPECT_TRUE(error.at("details").is_object());
    EXPECT_EQ(std::string(error.at("request_id").as_string()), response.header("X-Request-Id"));
    EXPECT_THAT(std::string(error.at("timestamp").as_string()), testing::MatchesRegex("20..-..-..T..:..:..[.]...Z"));
  }

  bool counted(const std::string& line) const { return metrics_->text().find(line + "\n") != std::string::npos; }

  // The same question again and again until the metrics say so: counts of what a vanished client sent arrive when they
  // do.
  void await_metric(const std::string& line) {
    while (!counted(line)) std::this_thread::yield();
  }

  Door door_;
  std::atomic<int> asked_{0};
  base::SystemClock clock_;
  Router router_;
  ServerOptions options_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<HttpServer> server_;
};

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
