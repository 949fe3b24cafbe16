#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "loadlab/net/address.h"
#include "loadlab/net/destination.h"
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

// From now on the kernel says of this process's calls of that number that it doesn't know them.
void forget_system_call(long number) {
  std::array<sock_filter, 4> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{filter.size(), filter.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST(Poller, works_without_epoll_pwait2) {
  const auto poll_without = [] {
    forget_system_call(SYS_epoll_pwait2);
    auto poller = Poller::create().value();
    Recorder events;
    std::array<int, 2> ends{};
    bool good = ::pipe2(ends.data(), O_NONBLOCK) == 0 && poller.add(ends[0], events) == 0;
    good = good && poller.wait(100us) == 0 && poller.wait(-1s) == 0;
    good = good && ::write(ends[1], "x", 1) == 1 && poller.wait(1h) == 1 && poller.wait(0s) == 0;
    std::exit(good ? 0 : 1);
  };
  EXPECT_EXIT(poll_without(), ::testing::ExitedWithCode(0), "");
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

TEST(Reachable, finds_who_answers_and_names_why_nobody_does) {
  std::uint16_t port = 0;
  { port = Listener().port; }
  const auto nobody = reachable({resolve("127.0.0.1", port).value()}, 1s);
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->addresses.empty());
  EXPECT_EQ(nobody->error, ECONNREFUSED);
  EXPECT_EQ(nobody->reason, "Connection refused");

  Listener listener;
  const Address there = resolve("127.0.0.1", listener.port).value().front();
  const auto found = reachable({{resolve("127.0.0.1", port).value().front(), there}}, 1s);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->addresses.size(), 1u);
  EXPECT_EQ(found->addresses.front().to_string(), there.to_string());
}

}  // namespace
}  // namespace loadlab
