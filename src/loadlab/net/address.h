// Where to connect to: a resolved address.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace loadlab {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::string to_string() const;  // 127.0.0.1:8080, [::1]:8080, /run/app.sock
};

// The addresses of a host name or a literal address, in the resolver's order. Blocks: called before the load, never in
// it. Fails with `unavailable` when the name has none.
base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);

// The address of a Unix socket. The path has at most 107 bytes.
Address unix_address(const std::string& path);

}  // namespace loadlab
