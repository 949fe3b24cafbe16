// A non-blocking TCP stream socket: thin, so that the hot path is one system call a call.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "loadlab/net/address.h"
#include "loadlab/net/unique_fd.h"

namespace loadlab {

class Socket {
 public:
  Socket() = default;

  // Starts to connect. Returns 0 while that is under way (the socket becomes writable once it is decided), else errno.
  int connect(const Address& address);

  // How a connection that was under way ended: 0 or an errno.
  int connect_error() const;

  // What send(2) and recv(2) return, with errno as they leave it; SIGPIPE is never raised.
  ssize_t send(std::string_view bytes) const;
  ssize_t receive(char* buffer, std::size_t size) const;

  // Closes with a reset rather than a farewell: a time-out's connection must not linger in TIME_WAIT and eat ports.
  void abort();
  void close() { fd_.reset(); }

  bool is_open() const { return fd_.is_open(); }
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

// Connects, waiting at most `timeout_ms`, and closes again: is anybody there? Tries each address in turn and returns
// the first that answers. Fails with `unavailable` and the reason of the last one.
base::Result<Address> first_reachable(const std::vector<Address>& addresses, int timeout_ms);

}  // namespace loadlab
