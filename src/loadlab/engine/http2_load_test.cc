#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "loadlab/engine/engine.h"
#include "support/certificates.h"
#include "support/http2_frames.h"
#include "support/nghttpd.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

LoadTest http2_test(std::uint16_t port, int users, int streams, Nanoseconds duration) {
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
  test.target.text = "http://127.0.0.1:" + std::to_string(port);
  test.target.host = "127.0.0.1";
  test.target.port = port;
  test.http = {HttpVersion::http2, streams};
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

TEST(Http2Load, users_share_connections_and_the_server_counts_the_same) {
  std::atomic<std::uint64_t> served = 0;
  const auto serve = [&served](int fd) {
    http2::read_preface(fd);
    write_all(fd, http2::settings());
    for (;;) {
      const http2::Frame request = http2::read_frame(fd, http2::kHeaders);
      if (request.type != http2::kHeaders) return;
      ++served;
      write_all(fd, http2::answer(request.stream, "ok"));
    }
  };
  const auto only_tried = [](int fd) { EXPECT_TRUE(read_exactly(fd, 1).empty()); };
  TestResult result;
  {
    ScriptedServer server({only_tried, serve, serve});
    result = run(http2_test(server.port(), 10, 5, 500ms));
  }
  EXPECT_GT(result.total.requests, 100u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(result.total.requests, served);
  EXPECT_EQ(result.total.bytes_received, served * (9 + 1 + 9 + 2));
  EXPECT_LT(result.total.bytes_sent, served * 60) << "headers are compressed, and counted as they were sent";
}

TEST(Http2Load, a_real_server_sees_the_same_connections_and_requests) {
  if (!Nghttpd::is_installed()) GTEST_SKIP() << "nghttpd is not installed (Debian's nghttp2-server)";
  Nghttpd server({"--no-tls"});
  const TestResult result = run(http2_test(server.port(), 10, 5, 300ms));
  EXPECT_GT(result.total.requests, 20u);
  EXPECT_EQ(result.total.failed, 0u);

  const std::string log = server.log();
  std::set<std::string> connections;
  std::uint64_t requests = 0;
  const std::string mark = ":method: GET";
  for (std::size_t at = log.find(mark); at != std::string::npos; at = log.find(mark, at + 1)) {
    ++requests;
    const std::size_t line = log.rfind("[id=", at);
    connections.insert(log.substr(line, log.find(']', line) - line));
  }
  EXPECT_EQ(requests, result.total.requests);
  EXPECT_EQ(connections.size(), 2u);
}

TEST(Http2Load, a_real_server_agrees_on_http2_over_tls) {
  if (!Nghttpd::is_installed()) GTEST_SKIP() << "nghttpd is not installed (Debian's nghttp2-server)";
  Authority authority;
  const Identity identity = authority.issue("127.0.0.1");
  Nghttpd server({identity.key, identity.certificate});
  LoadTest test = http2_test(server.port(), 10, 5, 300ms);
  test.target.tls = true;
  test.network.tls.ca_file = authority.certificate();
  const TestResult result = run(test);
  EXPECT_GT(result.total.requests, 20u);
  EXPECT_EQ(result.total.failed, 0u);
  EXPECT_EQ(result.openings.tls.count(), 2u);
}

TEST(Http2Load, a_server_that_bears_few_streams_gets_more_connections) {
  if (!Nghttpd::is_installed()) GTEST_SKIP() << "nghttpd is not installed (Debian's nghttp2-server)";
  Nghttpd server({"--no-tls", "--max-concurrent-streams=2"});
  const TestResult result = run(http2_test(server.port(), 10, 100, 300ms));
  EXPECT_GT(result.total.requests, 20u);
  EXPECT_EQ(result.total.failed, 0u);
}

TEST(Http2Load, a_flood_is_counted_under_its_own_name) {
  const auto flood = [](int fd) {
    http2::read_preface(fd);
    write_all(fd, http2::settings());
    std::string pings;
    while (pings.size() < 100'000) pings += http2::frame(http2::kPing, 0, 0, "12345678");
    if (http2::read_frame(fd, http2::kHeaders).type == http2::kHeaders) write_all(fd, pings);
    http2::read_frame(fd, 254);
  };
  ScriptedServer server({[](int) {}, flood});
  LoadTest test = http2_test(server.port(), 3, 3, 1h);
  const std::atomic<bool> stop = false;
  // The first failures are those of the one connection; the next would find nobody.
  const auto result = run_load(test, base::SystemClock(), stop, [](TestResult&, const Timings&) { return false; });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->total.faults.at(Fault::flood), 3u);
}

}  // namespace
}  // namespace loadlab
