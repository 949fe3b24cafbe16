// nghttp2's own server, as a process of its own: what a client that speaks proper HTTP/2 must get on with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/local_server.h"

namespace testing_support {

// Serves a page of 13 bytes as `/`, on a free port of 127.0.0.1, until destroyed; logs what it does.
class Nghttpd {
 public:
  // Debian's package nghttp2-server is there.
  static bool is_installed();

  // Throws std::runtime_error when it doesn't start.
  explicit Nghttpd(std::vector<std::string> options);

  std::uint16_t port() const { return server_.port(); }

  // Ends it and returns its log.
  std::string log();

 private:
  LocalServer server_{"nghttpd"};
};

}  // namespace testing_support
