#include "loadlab/session/earlier_listeners.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <gtest/gtest.h>

#include <filesystem>

#include "base/unique_fd.h"
#include "loadlab/plan/load_plan.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using testing_support::Responder;

Url url_at(const std::string& host, std::uint16_t port) {
  return parse_url(fmt::format("http://{}:{}", host, port)).value();
}

TEST(EarlierListeners, are_told_from_those_who_came_later) {
  Responder earlier;
  const EarlierListeners listeners = EarlierListeners::now();
  const Responder later;
  EXPECT_TRUE(listeners.still_listen_at(url_at("127.0.0.1", earlier.port())));
  EXPECT_FALSE(listeners.still_listen_at(url_at("127.0.0.1", later.port())));
  earlier.kill();
  EXPECT_FALSE(listeners.still_listen_at(url_at("127.0.0.1", earlier.port())));
}

TEST(EarlierListeners, listen_only_where_their_address_is_asked) {
  const Responder earlier;
  const EarlierListeners listeners = EarlierListeners::now();
  EXPECT_TRUE(listeners.still_listen_at(url_at("localhost", earlier.port())));
  EXPECT_FALSE(listeners.still_listen_at(url_at("127.0.0.2", earlier.port())));
  EXPECT_FALSE(listeners.still_listen_at(url_at("[::1]", earlier.port())));
  EXPECT_FALSE(listeners.still_listen_at(url_at("192.0.2.1", earlier.port()))) << "another machine's port";
}

TEST(EarlierListeners, of_all_addresses_are_asked_by_any) {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(socket.get(), 1), 0);  // without a bind on any port of all addresses
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  EXPECT_TRUE(EarlierListeners::now().still_listen_at(url_at("127.0.0.2", ntohs(address.sin_port))));
}

TEST(EarlierListeners, of_unix_sockets_are_known_by_the_file) {
  std::string folder = (std::filesystem::temp_directory_path() / "earlier-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/a socket";
  const base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.copy(address.sun_path, sizeof address.sun_path - 1), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto asked = parse_url("unix:" + path);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_FALSE(EarlierListeners::now().still_listen_at(*asked)) << "it does not listen yet";
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  const EarlierListeners listeners = EarlierListeners::now();
  EXPECT_TRUE(listeners.still_listen_at(*asked));
  EXPECT_FALSE(listeners.still_listen_at(*parse_url("unix:" + folder + "/other")));
  std::filesystem::remove(path);
  EXPECT_FALSE(listeners.still_listen_at(*asked)) << "nobody gets there any more";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loadlab
