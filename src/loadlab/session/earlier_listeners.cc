#include "loadlab/session/earlier_listeners.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "loadlab/probe/socket_table.h"

namespace loadlab {
namespace {

struct UnixListener {
  std::uint64_t inode = 0;
  std::string path;
};

// The kernel's table, as proc(5) has it: a line of headings, then an address, three numbers of which the last are the
// flags, two more, the inode and the path.
std::vector<UnixListener> unix_listeners() {
  constexpr unsigned kListens = 0x10000;  // __SO_ACCEPTCON
  std::vector<UnixListener> found;
  std::ifstream table("/proc/net/unix");
  std::string word;
  std::getline(table, word);
  for (UnixListener one; table >> word;) {
    unsigned flags = 0;
    table >> word >> word >> std::hex >> flags >> word >> word >> std::dec >> one.inode;
    std::getline(table, one.path);
    one.path.erase(0, 1);  // the space before it
    if ((flags & kListens) != 0 && !one.path.empty()) found.push_back(one);
  }
  return found;
}

std::vector<ListeningSocket> tcp_listeners() {
  auto table = SocketTable::open();
  if (!table) return {};
  return table->listeners().value_or(std::vector<ListeningSocket>());
}

// Whether who listens there is reached by that name of this machine.
bool is_reached(const ListeningSocket& listener, const std::string& host) {
  std::array<std::uint8_t, 16> asked{};
  if (listener.address == asked) return true;
  const char* of_localhost = listener.family == AF_INET ? "127.0.0.1" : "::1";
  const std::string text = host == "localhost" ? of_localhost : host;
  return ::inet_pton(listener.family, text.c_str(), asked.data()) == 1 && listener.address == asked;
}

// Two names of one file; a name that is relative to where somebody else stands is none of it.
bool is_same_file(const std::string& left, const std::string& right) {
  struct stat one {};
  struct stat other {};
  return ::stat(left.c_str(), &one) == 0 && ::stat(right.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

}  // namespace

EarlierListeners EarlierListeners::now() {
  EarlierListeners all;
  for (const ListeningSocket& one : tcp_listeners()) all.sockets_.insert(one.inode);
  for (const UnixListener& one : unix_listeners()) all.sockets_.insert(one.inode);
  return all;
}

bool EarlierListeners::still_listen_at(const Url& url) const {
  if (!url.is_loopback() || sockets_.empty()) return false;
  if (!url.socket.empty()) {
    const auto listeners = unix_listeners();
    return std::any_of(listeners.begin(), listeners.end(), [&](const UnixListener& one) {
      return sockets_.count(one.inode) > 0 && is_same_file(one.path, url.socket);
    });
  }
  const auto listeners = tcp_listeners();
  return std::any_of(listeners.begin(), listeners.end(), [&](const ListeningSocket& one) {
    return one.port == url.port && sockets_.count(one.inode) > 0 && is_reached(one, url.host);
  });
}

}  // namespace loadlab
