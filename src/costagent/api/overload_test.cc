// What the server does with more requests than it can bear, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/deadline.h"
#include "costagent/api/http_server.h"
#include "costagent/api/raw_client.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

using testing::HasSubstr;

// What handlers wait in until the test opens it.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await(int came) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return came_ >= came; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int came() {
    const std::lock_guard lock(mutex_);
    return came_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int came_ = 0;
  bool open_ = false;
};

// Time that stands still until it is let go, so that nothing has waited for long on a machine that is busy with others.
class StoppableClock final : public base::Clock {
 public:
  base::Nanoseconds monotonic() const override { return runs_ ? clock_.monotonic() : stopped_; }
  base::UtcTime utc() const override { return clock_.utc(); }
  void run() { runs_ = true; }

 private:
  const base::SystemClock clock_{};
  const base::Nanoseconds stopped_ = base::SystemClock::monotonic_now();
  std::atomic<bool> runs_{false};
};

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

class OverloadTest : public testing::Test {
 protected:
  OverloadTest() {
    const auto blocking = [this](const Request&) -> base::Result<Response> {
      gate_.pass();
      return text("done");
    };
    const auto quick = [](const Request&) -> base::Result<Response> { return text("quick"); };
    const auto load = [](const Request& request) -> base::Result<Response> {
      return text(fmt::format("{} {} {}", request.load->in_flight, request.load->waiting, request.load->overloaded));
    };
    const auto endless = [](const Request&) -> base::Result<Response> {
      auto connection = io::Sqlite::open(":memory:", io::Sqlite::Mode::create, 10).value();
      const auto sum =
          connection.integer("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
      if (!sum) return base::pass_on(sum);
      return text("never");
    };
    const auto patient = [this](const Request&) -> base::Result<Response> { return unknown_yet(false); };
    const auto big = [](const Request&) -> base::Result<Response> { return text(std::string(16 << 20, 'x')); };
    router_.add(Method::get, "/health", quick, Turn::at_once);
    router_.add(Method::get, "/load", load, Turn::probe);
    router_.add(Method::get, "/slow", blocking);
    router_.add(Method::get, "/heavy", blocking, Turn::heavy);
    router_.add(Method::get, "/quick", quick);
    router_.add(Method::get, "/endless", endless);
    router_.add(Method::get, "/patient", patient);
    router_.add(Method::get, "/big", big);
    options_.worker_threads = 2;
    metrics_.emplace(router_.patterns());
  }
  ~OverloadTest() override { gate_.open(); }

  HttpServer& server() {
    if (!server_) server_ = HttpServer::start(options_, router_, *metrics_, clock_).value();
    return *server_;
  }
  std::uint16_t port() { return server().port(); }

  Response unknown_yet(bool asked_before) {
    Response response = text("not yet");
    response.awaited = "what patience is for";
    response.ask_again = [this, asked_before](bool) {
      if (!asked_before) ++asked_again_;
      return known_ ? text("known") : unknown_yet(true);
    };
    return response;
  }

  // Keeps both workers busy, and so many requests waiting besides.
  void fill(int waiting = 0) {
    for (int i = 0; i < 2 + waiting; ++i) {
      clients_.push_back(std::make_unique<RawClient>(port()));
      clients_.back()->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    gate_.await(2);
    await_metric(fmt::format("http_requests_in_flight {}", 2 + waiting));
  }

  bool counted(const std::string& line) const { return metrics_->text().find(line + "\n") != std::string::npos; }
  void await_metric(const std::string& line) {
    while (!counted(line)) std::this_thread::yield();
  }

  static void expect_refused(const RawResponse& response, const char* why) {
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr(R"("error":"overloaded")"));
    EXPECT_THAT(response.body, HasSubstr(why));
    EXPECT_THAT(response.header("Retry-After"), testing::MatchesRegex("[1-9][0-9]?"));
  }

  Gate gate_;
  std::atomic<bool> known_{false};
  std::atomic<int> asked_again_{0};  // requests that were
  StoppableClock clock_;
  Router router_;
  ServerOptions options_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(OverloadTest, beyond_the_limit_in_flight_requests_are_refused_and_health_is_not) {
  options_.max_in_flight = 3;
  fill(1);
  RawClient client(port());
  for (int i = 0; i < 5; ++i) {
    expect_refused(client.get("/slow"), "more requests wait");
    EXPECT_EQ(client.get("/health").status, 200);
  }
  gate_.open();
  for (auto& waiting : clients_) EXPECT_EQ(waiting->read().body, "done");
  EXPECT_EQ(client.get("/slow").status, 200);
  EXPECT_TRUE(counted(R"(http_requests_refused_total{reason="full"} 5)"));
  EXPECT_TRUE(counted("http_requests_in_flight 0"));
}

TEST_F(OverloadTest, one_whose_time_runs_out_while_it_waits_is_refused_and_not_worked_on) {
  clock_.run();
  fill();
  RawClient client(port());
  expect_refused(client.ask("GET /slow HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 1\r\n\r\n"), "time would be over");
  EXPECT_EQ(gate_.came(), 2);
  EXPECT_TRUE(counted(R"(http_requests_refused_total{reason="deadline"} 1)"));
  EXPECT_TRUE(counted("http_requests_in_flight 2"));
}

TEST_F(OverloadTest, the_servers_own_time_holds_for_who_asks_for_more) {
  options_.request_timeout = std::chrono::milliseconds(1);
  fill();
  clock_.run();
  RawClient client(port());
  expect_refused(client.ask("GET /slow HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 86400000\r\n\r\n"),
                 "time would be over");
}

TEST_F(OverloadTest, a_time_that_is_none_is_named) {
  RawClient client(port());
  for (const char* bad : {"0", "-1", "1.5", "1s", "86400001", "99999999999999999999", "x"}) {
    const auto response =
        client.ask(fmt::format("GET /quick HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: {}\r\n\r\n", bad));
    EXPECT_EQ(response.status, 422) << bad;
    EXPECT_THAT(response.body, HasSubstr(R"({"field":"X-Request-Timeout-Ms"})"));
  }
  EXPECT_EQ(client.ask("GET /quick HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 86400000\r\n\r\n").status, 200);
}

TEST_F(OverloadTest, a_statement_ends_with_the_time_of_its_request) {
  RawClient client(port());
  const auto response = client.ask("GET /endless HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 20\r\n\r\n");
  EXPECT_EQ(response.status, 504);
  EXPECT_THAT(response.body, HasSubstr(R"("error":"timeout")"));
  EXPECT_EQ(client.get("/quick").status, 200);
}

TEST_F(OverloadTest, a_client_that_goes_while_it_waits_is_not_worked_on) {
  fill();
  RawClient reset(port());
  reset.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient closed(port());
  closed.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await_metric("http_requests_in_flight 4");
  reset.vanish();
  closed.half_close();
  expect_refused(closed.read(), "waited for too long");
  await_metric(R"(http_requests_refused_total{reason="gone"} 2)");
  gate_.open();
  for (auto& client : clients_) EXPECT_EQ(client->read().body, "done");
  EXPECT_EQ(gate_.came(), 2);
  await_metric("http_requests_in_flight 0");
}

TEST_F(OverloadTest, what_else_a_waiting_client_sends_is_not_taken_for_its_going) {
  fill();
  RawClient client(port());
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient other(port());
  other.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await_metric("http_requests_in_flight 4");
  other.vanish();
  // Whoever is looked for is looked for in the order in which they came.
  await_metric(R"(http_requests_refused_total{reason="gone"} 1)");
  gate_.open();
  EXPECT_EQ(client.read().body, "done");
  EXPECT_EQ(client.read().body, "quick");
}

TEST_F(OverloadTest, beyond_the_limit_of_connections_who_has_rested_makes_room_and_who_is_at_work_does_not) {
  options_.max_connections = 3;
  options_.rest = std::chrono::milliseconds(0);
  clock_.run();
  RawClient busy(port());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  gate_.await(1);
  RawClient first(port());
  EXPECT_EQ(first.get("/quick").status, 200);
  RawClient second(port());
  EXPECT_EQ(second.get("/quick").status, 200);
  RawClient third(port());
  EXPECT_EQ(third.get("/quick").status, 200);
  EXPECT_TRUE(first.ended()) << "it had rested for longest";
  EXPECT_EQ(second.get("/quick").status, 200);
  RawClient fourth(port());
  EXPECT_EQ(fourth.get("/quick").status, 200);
  EXPECT_TRUE(third.ended());
  gate_.open();
  EXPECT_EQ(busy.read().body, "done");
}

TEST_F(OverloadTest, probes_are_answered_whatever_the_load_and_tell_it) {
  options_.max_in_flight = 4;
  fill(2);
  RawClient client(port());
  EXPECT_EQ(client.get("/load").body, "4 2 false");
  expect_refused(client.get("/slow"), "more requests wait");
  EXPECT_EQ(client.get("/load").body, "4 2 true");
  EXPECT_EQ(client.get("/health").status, 200);
  await_metric("http_overloaded 1");
  await_metric("http_requests_limit 4");
  await_metric("queue_length 2");
  await_metric("queue_limit 2");
}

TEST_F(OverloadTest, heavy_requests_leave_a_worker_to_the_others) {
  for (int i = 0; i < 3; ++i) {
    clients_.push_back(std::make_unique<RawClient>(port()));
    clients_.back()->send("GET /heavy HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  await_metric("http_requests_in_flight 3");
  RawClient client(port());
  EXPECT_EQ(client.get("/quick").body, "quick");
  EXPECT_EQ(gate_.came(), 1);
  gate_.open();
  for (auto& heavy : clients_) EXPECT_EQ(heavy->read().body, "done");
}

TEST_F(OverloadTest, who_waits_for_something_to_end_keeps_nobody_out) {
  options_.max_in_flight = 3;
  for (int i = 0; i < 3; ++i) {
    clients_.push_back(std::make_unique<RawClient>(port()));
    clients_.back()->send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  while (asked_again_ < 3) std::this_thread::yield();
  RawClient client(port());
  EXPECT_EQ(client.get("/quick").status, 200);
  // Of more than may be in flight, what is known so far is the answer.
  EXPECT_EQ(client.get("/patient").body, "not yet");
  known_ = true;
  for (auto& patient : clients_) EXPECT_EQ(patient->read().body, "known");
}

TEST_F(OverloadTest, who_waits_for_something_to_end_is_told_what_is_known_when_there_is_no_asking_any_more) {
  options_.max_in_flight = 4;
  RawClient patient(port());
  patient.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  while (asked_again_ < 1) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) {
    clients_.push_back(std::make_unique<RawClient>(port()));
    clients_.back()->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  const auto known = patient.read();
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, "not yet");
}

TEST_F(OverloadTest, what_has_ended_is_asked_for_at_once) {
  options_.ask_again_after = options_.ask_seldom = std::chrono::hours(1);
  RawClient patient(port());
  patient.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  known_ = true;
  // Again and again, as nobody is woken before he waits.
  const std::jthread waking([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) server().wake("what patience is for");
  });
  EXPECT_EQ(patient.read().body, "known");
}

TEST_F(OverloadTest, who_waits_is_answered_when_the_time_for_it_is_over) {
  options_.ask_again_after = options_.ask_seldom = std::chrono::hours(1);
  router_.add(Method::get, "/brief", [this](const Request&) -> base::Result<Response> {
    Response response = unknown_yet(false);
    response.ask_until = clock_.monotonic() + std::chrono::milliseconds(10);
    known_ = true;
    return response;
  });
  clock_.run();
  EXPECT_EQ(RawClient(port()).get("/brief").body, "known");
}

TEST_F(OverloadTest, answers_that_nobody_reads_take_no_more_memory_than_they_may) {
  options_.write_timeout = std::chrono::minutes(5);
  options_.max_unread = 20 << 20;  // one answer, and not two
  for (int i = 0; i < 2; ++i) {
    clients_.push_back(std::make_unique<RawClient>(port()));
    clients_.back()->send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  RawClient client(port());
  RawResponse response;
  while ((response = client.get("/quick")).status == 200) {
  }
  expect_refused(response, "wait to be read");
  EXPECT_EQ(client.get("/health").status, 200);
  clients_.clear();
  while ((response = client.get("/quick")).status == 503) {
  }
  EXPECT_EQ(response.status, 200);
}

TEST_F(OverloadTest, stopping_waits_no_longer_for_who_waits_than_it_may) {
  options_.drain_timeout = std::chrono::milliseconds(20);
  fill(5);
  server().stop();
  EXPECT_TRUE(counted(R"(http_requests_refused_total{reason="stopped"} 5)"));
  gate_.open();
  server_.reset();
  EXPECT_EQ(gate_.came(), 2);
}

}  // namespace
}  // namespace costagent
