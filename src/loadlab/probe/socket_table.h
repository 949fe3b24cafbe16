// The TCP sockets of this machine (of this network namespace), asked of the kernel by sock_diag(7): unlike
// /proc/net/tcp it counts those of one port without writing all of them out.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace loadlab {

struct ListeningSocket {
  std::uint16_t port = 0;
  int family = 0;  // AF_INET or AF_INET6, like all that are accepted from it
  std::uint64_t inode = 0;
  std::uint32_t waiting = 0;               // connections that wait to be accepted
  std::uint32_t limit = 0;                 // how many may
  std::array<std::uint8_t, 16> address{};  // the local one, in the network's order, IPv4 in the first four; zeros: all
};

// Of one local port; those that listen are not among them.
struct SocketCounts {
  std::uint64_t established = 0;
  std::uint64_t close_wait = 0;
  std::uint64_t other = 0;
};

// Not thread-safe.
class SocketTable {
 public:
  // Fails (io) where this kernel has no sock_diag.
  static base::Result<SocketTable> open();

  base::Result<std::vector<ListeningSocket>> listeners();

  // Of one family. The kernel walks its whole table for it: 2 ms on a machine with 24 GB of memory, and half a
  // microsecond a socket.
  base::Result<SocketCounts> count(std::uint16_t port, int family);

 private:
  explicit SocketTable(base::UniqueFd socket) : socket_(std::move(socket)) {}

  base::UniqueFd socket_;
};

}  // namespace loadlab
