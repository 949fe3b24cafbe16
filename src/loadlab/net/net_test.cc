#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "loadlab/net/address.h"
#include "loadlab/net/poller.h"
#include "loadlab/net/socket.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

// A socket that listens on a free port of the loopback interface.
struct Listener {
  Listener() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    socklen_t length = sizeof address;
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port = ntohs(address.sin_port);
  }
  UniqueFd fd;
  std::uint16_t port = 0;
};

class Recorder final : public ReadyListener {
 public:
  void on_ready(std::uint32_t events) override { seen |= events; }
  std::uint32_t seen = 0;
};

TEST(Address, literals_resolve_to_themselves) {
  const auto v4 = resolve("127.0.0.1", 8080);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->front().to_string(), "127.0.0.1:8080");
  const auto v6 = resolve("::1", 443);
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->front().to_string(), "[::1]:443");
}

TEST(Address, a_name_without_address_says_so) {
  const auto none = resolve("no-such-host.invalid", 80);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, base::ErrorKind::unavailable);
  EXPECT_NE(none.error().message.find("no-such-host.invalid"), std::string::npos);
}

TEST(Socket, connects_sends_and_receives) {
  Listener listener;
  auto poller = Poller::create().value();
  const Address address = resolve("127.0.0.1", listener.port).value().front();
  Socket socket;
  ASSERT_EQ(socket.connect(address), 0);
  Recorder events;
  ASSERT_EQ(poller.add(socket.fd(), events), 0);
  poller.wait(1s);
  ASSERT_TRUE(events.seen & EPOLLOUT);
  ASSERT_EQ(socket.connect_error(), 0);

  UniqueFd peer(::accept(listener.fd.get(), nullptr, nullptr));
  ASSERT_EQ(socket.send("ping"), 4);
  char buffer[8];
  ASSERT_EQ(::recv(peer.get(), buffer, sizeof buffer, 0), 4);
  ASSERT_EQ(::send(peer.get(), "pong!", 5, 0), 5);
  events.seen = 0;
  poller.wait(1s);
  EXPECT_TRUE(events.seen & EPOLLIN);
  EXPECT_EQ(socket.receive(buffer, sizeof buffer), 5);

  socket.abort();
  EXPECT_EQ(::recv(peer.get(), buffer, sizeof buffer, 0), -1);
  EXPECT_EQ(errno, ECONNRESET) << "an aborted connection is reset, not closed politely";
}

TEST(Poller, waits_no_longer_than_told) {
  auto poller = Poller::create().value();
  EXPECT_EQ(poller.wait(200us), 0);
  EXPECT_EQ(poller.wait(-5s), 0) << "a time that has passed is no wait at all";
}

class Worker final : public TurnListener {
 public:
  explicit Worker(Poller& poller, int again = 0) : poller_(poller), again_(again) {}
  bool on_turn_end() override {
    ++turns;
    if (again_-- > 0) poller_.at_turn_end(*this);
    return news;
  }
  int turns = 0;
  bool news = false;

 private:
  Poller& poller_;
  int again_;
};

TEST(Poller, does_what_was_put_off_once_before_it_waits) {
  auto poller = Poller::create().value();
  Worker worker(poller);
  poller.at_turn_end(worker);
  poller.wait(0s);
  poller.wait(0s);
  EXPECT_EQ(worker.turns, 1);
}

TEST(Poller, does_not_sleep_while_more_is_put_off) {
  auto poller = Poller::create().value();
  Worker worker(poller, 1);
  poller.at_turn_end(worker);
  poller.wait(24h);
  EXPECT_EQ(worker.turns, 1) << "what is put off while the turn ends belongs to the next";
  poller.wait(0s);
  EXPECT_EQ(worker.turns, 2);
}

TEST(Poller, does_not_sleep_after_work_that_brought_news) {
  auto poller = Poller::create().value();
  Worker worker(poller);
  worker.news = true;
  poller.at_turn_end(worker);
  poller.wait(24h);
  EXPECT_EQ(worker.turns, 1);
}

TEST(Poller, forgets_who_goes) {
  auto poller = Poller::create().value();
  Worker worker(poller);
  poller.at_turn_end(worker);
  poller.forget(worker);
  poller.wait(0s);
  EXPECT_EQ(worker.turns, 0);
}

TEST(FirstReachable, names_why_nobody_answers) {
  std::uint16_t port = 0;
  { port = Listener().port; }
  const auto nobody = first_reachable(resolve("127.0.0.1", port).value(), 1000);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, base::ErrorKind::unavailable);
  EXPECT_NE(nobody.error().message.find("Connection refused"), std::string::npos) << nobody.error().message;

  Listener listener;
  EXPECT_TRUE(first_reachable(resolve("127.0.0.1", listener.port).value(), 1000));
}

}  // namespace
}  // namespace loadlab
