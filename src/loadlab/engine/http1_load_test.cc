// Whole loads over HTTP/1.1's ways to use a connection, held against what the server counts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include "loadlab/engine/engine.h"
#include "support/responder.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

LoadTest http1_test(std::uint16_t port, int users, Nanoseconds duration) {
  Step step;
  step.name = "GET /";
  step.method = "GET";
  step.path = {{std::string("/")}};
  Journey journey;
  journey.name = "journey";
  journey.steps = {step};
  Load load;
  load.duration = duration;
  load.journeys = {journey};
  load.model = ClosedLoad{LevelProfile::steady(users, 0s, duration), {}, {}};
  LoadTest test;
  test.name = "test";
  test.target.text = fmt::format("http://127.0.0.1:{}", port);
  test.target.host = "127.0.0.1";
  test.target.port = port;
  test.threads = 1;
  test.loads = {load};
  return test;
}

TestResult run(const LoadTest& test) {
  const std::atomic<bool> stop = false;
  auto result = run_load(test, base::SystemClock(), stop, [](TestResult&, const Timings&) { return true; });
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(TestResult());
}

// Takes requests off a connection until the client goes, and answers each as told.
template <class Answer>
void serve(int fd, Answer answer) {
  std::string input;
  for (;;) {
    const auto end = input.find("\r\n\r\n");
    if (end == std::string::npos) {
      const std::string more = read_some(fd);
      if (more.empty()) return;
      input += more;
      continue;
    }
    const std::string head = input.substr(0, end);
    input.erase(0, end + 4);
    write_all(fd, answer(head));
  }
}

void only_tried(int fd) { EXPECT_TRUE(read_exactly(fd, 1).empty()); }

TEST(Http1Load, each_request_may_have_a_connection_of_its_own) {
  Responder server;
  LoadTest test = http1_test(server.port(), 2, 200ms);
  test.http.per_request = true;
  const TestResult result = run(test);
  EXPECT_GT(result.total.requests, 10u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(server.requests(), result.total.requests);
  EXPECT_EQ(server.connections(), result.total.requests + 1) << "and one to see whether anybody is there";
  EXPECT_EQ(result.openings.connect.count(), result.total.requests);
  EXPECT_GT(result.total.timings.connection_wait.min(), 0u);
}

TEST(Http1Load, users_of_a_pipeline_share_its_connection) {
  std::atomic<std::uint64_t> served = 0;
  const auto count = [&served](int fd) {
    serve(fd, [&served](const std::string&) {
      ++served;
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    });
  };
  TestResult result;
  {
    ScriptedServer server({only_tried, count, count});
    LoadTest test = http1_test(server.port(), 8, 300ms);
    test.http.pipeline = 4;
    result = run(test);
  }
  EXPECT_GT(result.total.requests, 50u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(result.total.requests, served);
}

TEST(Http1Load, redirects_that_are_followed_are_counted_as_the_server_counts_them) {
  std::atomic<std::uint64_t> served = 0;
  const auto lead = [&served](int fd) {
    serve(fd, [&served](const std::string& head) {
      ++served;
      return head.starts_with("GET /there ") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                                             : "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    });
  };
  TestResult result;
  {
    ScriptedServer server({only_tried, lead});
    LoadTest test = http1_test(server.port(), 1, 200ms);
    test.loads[0].journeys[0].steps[0].redirects = 1;
    result = run(test);
  }
  EXPECT_GT(result.iterations, 10u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(result.total.requests, served);
  EXPECT_EQ(result.total.requests, 2 * result.iterations);
  EXPECT_EQ(result.total.timings.response.count(), result.iterations) << "a step is timed once";
}

TEST(Http1Load, a_server_that_sends_byte_by_byte_runs_into_the_time_out) {
  const auto trickle = [](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    while (write_all(fd, "x")) continue;
  };
  TestResult result;
  {
    ScriptedServer server({only_tried, trickle});
    LoadTest test = http1_test(server.port(), 1, 1ms);
    test.request_timeout = 50ms;
    result = run(test);
  }
  EXPECT_EQ(result.total.faults.at(Fault::timeout), 1u);
}

}  // namespace
}  // namespace loadlab
