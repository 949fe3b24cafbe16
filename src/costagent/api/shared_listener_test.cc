// Several servers that accept from one socket, as worker processes do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "costagent/api/http_server.h"
#include "costagent/api/listener.h"
#include "costagent/api/raw_client.h"

namespace costagent {
namespace {

class SharedListenerTest : public testing::Test {
 protected:
  struct Process {
    std::optional<Metrics> metrics;
    std::unique_ptr<HttpServer> server;
    std::int64_t open() { return metrics->connections().get(); }
  };

  SharedListenerTest() {
    const auto well = [](const Request&) -> base::Result<Response> {
      Response response;
      response.body = "well";
      return response;
    };
    router_.add(Method::get, "/health", well, Turn::at_once);
  }

  void start(Process& process, std::function<bool()> give_way, std::chrono::milliseconds idle_grace = {}) {
    ServerOptions options;
    options.listener = listener_.get();
    options.give_way = std::move(give_way);
    options.idle_grace = idle_grace;
    if (!process.metrics) process.metrics.emplace(router_.patterns());
    process.server = HttpServer::start(options, router_, *process.metrics, clock_).value();
  }

  std::unique_ptr<RawClient> connect() {
    auto client = std::make_unique<RawClient>(one_.server->port());
    EXPECT_EQ(client->get("/health").body, "well");
    return client;
  }

  base::SystemClock clock_;
  Router router_;
  base::UniqueFd listener_ = open_listener("127.0.0.1", 0).value();
  Process one_;
  Process two_;
};

TEST_F(SharedListenerTest, connections_are_spread_when_each_gives_way_to_who_has_fewer) {
  two_.metrics.emplace(router_.patterns());
  start(one_, [this] { return one_.open() > two_.open() + 1; });
  start(two_, [this] { return two_.open() > one_.open() + 1; });
  EXPECT_EQ(one_.server->url(), two_.server->url());
  std::vector<std::unique_ptr<RawClient>> kept;
  for (int i = 0; i < 40; ++i) kept.push_back(connect());
  EXPECT_EQ(one_.open() + two_.open(), 40);
  // A machine that is too busy to wake the other one in five milliseconds makes it less even, never one-sided.
  EXPECT_GE(std::min(one_.open(), two_.open()), 10);
}

TEST_F(SharedListenerTest, way_is_given_for_a_moment_only) {
  start(one_, [] { return true; });
  for (int i = 0; i < 200; ++i) connect();
}

TEST_F(SharedListenerTest, who_stops_leaves_the_socket_to_the_others) {
  start(one_, [] { return false; });
  start(two_, [] { return false; });
  two_.server->stop();
  for (int i = 0; i < 20; ++i) connect();
  EXPECT_EQ(two_.open(), 0);
}

TEST_F(SharedListenerTest, an_idle_client_is_told_to_go_before_its_connection_is_closed) {
  start(
      one_, [] { return false; }, std::chrono::seconds(20));
  const auto client = connect();
  std::thread stopping([this] { one_.server->stop(); });
  RawResponse last;
  do {
    last = client->get("/health");
    ASSERT_EQ(last.status, 200);
  } while (last.header("Connection") == "keep-alive");
  EXPECT_TRUE(client->ended());
  stopping.join();  // at once, as there is nobody any more
}

TEST_F(SharedListenerTest, io_threads_take_their_turns) {
  start(one_, [] { return false; });
  const auto first = one_.server->last_turn();
  while (one_.server->last_turn() == first) std::this_thread::yield();
  EXPECT_GT(one_.server->last_turn(), first);
}

TEST(Listener, its_address_is_one_and_free) {
  const auto listener = open_listener("::1", 0);
  // Some machines have no IPv6.
  if (listener) {
    EXPECT_THAT(url_of(listener->get()), testing::StartsWith("http://[::1]:"));
  }
  for (const char* host : {"nowhere", "", "127.1", "1.2.3.4.5", "::g", "localhost"}) {
    const auto refused = open_listener(host, 0);
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().field, "listen") << host;
  }
  EXPECT_EQ(open_listener("192.0.2.1", 0).error().kind, base::ErrorKind::io) << "an address of nobody";
}

}  // namespace
}  // namespace costagent
