#include "loadlab/protocol/reach.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "loadlab/net/stream.h"
#include "loadlab/net/unique_fd.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

// Listens at an address, and says who came.
class Listener {
 public:
  explicit Listener(const Address& address) : fd_(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::bind(fd_.get(), address.data(), address.length), 0) << std::strerror(errno);
    EXPECT_EQ(::listen(fd_.get(), 64), 0);
    sockaddr_in6 name{};
    socklen_t length = sizeof name;
    EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&name), &length), 0);
    if (address.family() != AF_UNIX) port_ = ntohs(name.sin6_port);  // at the same place in IPv4's
  }

  std::uint16_t port() const { return port_; }

  std::string next_guest() {
    Address guest;
    guest.length = sizeof guest.storage;
    guests_.emplace_back(::accept(fd_.get(), reinterpret_cast<sockaddr*>(&guest.storage), &guest.length));
    const std::string text = guest.to_string();
    return text.substr(0, text.rfind(':'));
  }

 private:
  UniqueFd fd_;
  std::vector<UniqueFd> guests_;
  std::uint16_t port_ = 0;
};

LoadTest test_of(const std::string& host, std::uint16_t port) {
  LoadTest test;
  test.target.text = "http://" + host;
  test.target.host = host;
  test.target.port = port;
  return test;
}

struct Nobody final : ReadyListener {
  void on_ready(std::uint32_t) override {}
};

TEST(Reach, ipv6_is_reached_by_its_literal) {
  Listener listener(resolve("::1", 0).value().front());
  const auto reached = reach(test_of("::1", listener.port()));
  ASSERT_TRUE(reached) << reached.error().message;
  EXPECT_EQ(reached->destination.addresses.front().to_string(), "[::1]:" + std::to_string(listener.port()));
  EXPECT_EQ(listener.next_guest(), "[::1]");
}

TEST(Reach, a_unix_socket_is_reached_by_its_path) {
  const std::string path = ::testing::TempDir() + "reach_test.sock";
  std::filesystem::remove(path);
  LoadTest test = test_of("localhost", 80);
  test.target.socket = path;
  EXPECT_THAT(reach(test).error().message, HasSubstr(path + ": No such file or directory"));
  Listener listener(unix_address(path));
  const auto reached = reach(test);
  ASSERT_TRUE(reached) << reached.error().message;
  EXPECT_EQ(reached->destination.addresses.front().to_string(), path);
  EXPECT_FALSE(reached->resolving) << "there was no name";
  std::filesystem::remove(path);
}

TEST(Reach, connections_come_from_every_source_in_turn) {
  Listener listener(resolve("127.0.0.1", 0).value().front());
  LoadTest test = test_of("127.0.0.1", listener.port());
  test.network.source_addresses = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
  const auto reached = reach(test);
  ASSERT_TRUE(reached) << reached.error().message;
  EXPECT_EQ(listener.next_guest(), "127.0.0.2") << "the one that was tried";

  auto poller = Poller::create().value();
  Nobody nobody;
  Dialer dialer(poller, reached->destination, 0);
  std::map<std::string, int> guests;
  std::vector<Stream> streams(9);
  for (Stream& stream : streams) {
    ASSERT_EQ(stream.connect(dialer, nobody), 0);
    ++guests[listener.next_guest()];
  }
  EXPECT_EQ(guests, (std::map<std::string, int>{{"127.0.0.2", 3}, {"127.0.0.3", 3}, {"127.0.0.4", 3}}));
  streams[1].close();
  ASSERT_EQ(streams[1].connect(dialer, nobody), 0);
  EXPECT_EQ(listener.next_guest(), "127.0.0.3") << "a stream keeps to its source";
}

TEST(Reach, a_source_that_is_not_ours_is_named) {
  Listener listener(resolve("127.0.0.1", 0).value().front());
  LoadTest test = test_of("127.0.0.1", listener.port());
  test.network.source_addresses = {"192.0.2.1"};
  EXPECT_THAT(reach(test).error().message, HasSubstr("192.0.2.1"));
  test.network.source_addresses = {"::1"};
  EXPECT_THAT(reach(test).error().message, HasSubstr("no address that can be reached from ::1"));
}

TEST(Reach, routes_pair_every_address_with_every_source) {
  const auto address = [](const char* text) { return resolve(text, 80).value().front(); };
  const Destination destination{{address("127.0.0.1"), address("127.0.0.2")},
                                {address("127.0.0.3"), address("127.0.0.4")}};
  auto poller = Poller::create().value();
  Dialer dialer(poller, destination, 0);
  std::set<std::string> pairs;
  for (int i = 0; i < 4; ++i) {
    const Dialer::Route route = dialer.route(dialer.next_route());
    pairs.insert(route.to.to_string() + " " + route.from->to_string());
  }
  EXPECT_EQ(pairs.size(), 4u);
}

TEST(Reach, a_name_that_has_no_address_and_a_target_that_is_down_say_what_to_do) {
  EXPECT_THAT(reach(test_of("no-such-host.invalid", 80)).error().message, HasSubstr("is the name right?"));
  std::uint16_t port = 0;
  { port = Listener(resolve("127.0.0.1", 0).value().front()).port(); }
  EXPECT_THAT(reach(test_of("127.0.0.1", port)).error().message, HasSubstr("Connection refused; is it running?"));
}

TEST(Reach, only_the_first_address_if_told_so) {
  Listener six(resolve("::1", 0).value().front());
  Listener four(resolve("127.0.0.1", six.port()).value().front());
  LoadTest test = test_of("localhost", six.port());
  const auto all = reach(test);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all->resolving);
  EXPECT_EQ(all->destination.addresses.size(), resolve("localhost", 80)->size()) << "those that /etc/hosts has";
  test.network.first_address_only = true;
  EXPECT_EQ(reach(test)->destination.addresses.size(), 1u);
}

}  // namespace
}  // namespace loadlab
