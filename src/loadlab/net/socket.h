// A non-blocking stream socket, of TCP or Unix: thin, so that the hot path is one system call a call.
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

  // Starts to connect, from `source` unless that is null. Returns 0 while that is under way (the socket becomes
  // writable once it is decided), else errno.
  int connect(const Address& address, const Address* source = nullptr);

  // Whether connections can come from this address: 0 or errno.
  static int try_source(const Address& source);

  // How a connection that was under way ended: 0 or an errno.
  int connect_error() const;

  // What send(2) and recv(2) return, with errno as they leave it; SIGPIPE is never raised.
  ssize_t send(std::string_view bytes) const;
  ssize_t receive(char* buffer, std::size_t size) const;

  // The peer has closed the connection, and not acknowledged all that was sent, as its farewell would have done had it
  // come by then. False where the kernel doesn't say.
  bool lost_what_was_sent() const;

  // Closes with a reset rather than a farewell: a time-out's connection must not linger in TIME_WAIT and eat ports.
  void abort();
  void close() { fd_.reset(); }

  bool is_open() const { return fd_.is_open(); }
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace loadlab
