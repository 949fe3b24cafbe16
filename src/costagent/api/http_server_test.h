// A server with handlers of every temper, for tests.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "costagent/api/http_server.h"
#include "costagent/api/raw_client.h"

namespace costagent {

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

inline Response text(std::string body) {
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

}  // namespace costagent
