#include "loadlab/probe/socket_table.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace loadlab {
namespace {

using base::ErrorKind;

constexpr std::uint32_t kListening = 1U << TCP_LISTEN;
// Without those that wait for late packets: they are the kernel's, and no process holds them.
constexpr std::uint32_t kAllStates = ((1U << (TCP_CLOSING + 1)) - 1) & ~(1U << TCP_TIME_WAIT);

base::Failure failed(const char* what) {
  return base::fail(ErrorKind::io, "the kernel's table of sockets can't be {}: {}", what, std::strerror(errno));
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

base::Result<> ask(int socket, int family, std::uint32_t states, std::uint16_t port) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<std::uint8_t>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = states;
  request.body.id.idiag_sport = htons(port);  // zero: any
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(socket, &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) < 0)
    return failed("asked for");
  return {};
}

template <class Payload>
const Payload* payload_of(const nlmsghdr* message) {
  return reinterpret_cast<const Payload*>(reinterpret_cast<const char*>(message) + NLMSG_HDRLEN);
}

// Calls `take` with each socket of the answer to what was asked.
template <class Take>
base::Result<> receive(int socket, Take take) {
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  for (;;) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failed("read");
    auto left = static_cast<unsigned>(got);
    const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type == NLMSG_DONE) return {};
      if (message->nlmsg_type == NLMSG_ERROR) {
        const auto* error = payload_of<nlmsgerr>(message);
        errno = -error->error;
        return failed("read");
      }
      if (message->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) continue;
      take(*payload_of<inet_diag_msg>(message));
    }
  }
}

template <class Take>
base::Result<> each_socket(int socket, int family, std::uint32_t states, std::uint16_t port, Take take) {
  if (const auto asked = ask(socket, family, states, port); !asked) return asked;
  return receive(socket, take);
}

}  // namespace

base::Result<SocketTable> SocketTable::open() {
  base::UniqueFd socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket.is_open()) return failed("opened");
  // The kernel answers at once; a second is for a machine that is very busy.
  const timeval patience{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return SocketTable(std::move(socket));
}

base::Result<std::vector<ListeningSocket>> SocketTable::listeners() {
  std::vector<ListeningSocket> found;
  for (const int family : {AF_INET, AF_INET6}) {
    const auto read = each_socket(socket_.get(), family, kListening, 0, [&](const inet_diag_msg& one) {
      found.push_back({ntohs(one.id.idiag_sport), family, one.idiag_inode, one.idiag_rqueue, one.idiag_wqueue, {}});
      std::memcpy(found.back().address.data(), one.id.idiag_src, family == AF_INET ? 4 : 16);
    });
    if (!read) return base::pass_on(read);
  }
  return found;
}

base::Result<SocketCounts> SocketTable::count(std::uint16_t port, int family) {
  SocketCounts counts;
  const auto read = each_socket(socket_.get(), family, kAllStates & ~kListening, port, [&](const inet_diag_msg& one) {
    switch (one.idiag_state) {
      case TCP_ESTABLISHED:
        ++counts.established;
        break;
      case TCP_CLOSE_WAIT:
        ++counts.close_wait;
        break;
      default:
        if (one.idiag_inode != 0) ++counts.other;  // else the process has closed it
    }
  });
  if (!read) return base::pass_on(read);
  return counts;
}

}  // namespace loadlab
