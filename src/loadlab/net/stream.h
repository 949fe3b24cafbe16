// A connection's bytes, both ways, from its opening to its end; what lies between them and the wire is its own matter.
//
// Non-blocking. Errors are errnos throughout. Belongs to one thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "loadlab/net/address.h"
#include "loadlab/net/poller.h"
#include "loadlab/net/socket.h"

namespace loadlab {

class Stream {
 public:
  enum class Progress { waiting, open, failed };

  // Starts to connect; `listener` is told of every readiness from then on. Returns 0 while that is under way, else
  // errno, and is closed.
  int connect(const Address& address, Poller& poller, ReadyListener& listener);

  // Goes on with the opening, after each readiness until it is open or has failed. `error` then says why.
  Progress advance();
  int error() const { return error_; }

  // How long the TCP handshake took, of a stream that has come as far.
  base::Nanoseconds connect_time() const { return connect_time_; }

  // What send(2) and recv(2) return, with errno as they leave it.
  ssize_t send(std::string_view bytes) { return socket_.send(bytes); }
  ssize_t receive(std::vector<char>& buffer) { return socket_.receive(buffer.data(), buffer.size()); }

  // After `receive` brought `arrived` bytes: the next ones bring an event of their own. The peer's end may have been
  // told already, together with these.
  bool is_drained(std::size_t arrived, const std::vector<char>& buffer) const { return arrived < buffer.size(); }

  // Readiness of a stream on which nothing is expected: whether it can still be used. `buffer` is for what is read.
  bool outlives(std::uint32_t events, std::vector<char>& buffer);

  // The peer has closed or reset the connection, or it broke.
  static bool has_end(std::uint32_t events) { return (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0; }

  // With a reset; or with a farewell.
  void abort() { socket_.abort(); }
  void close() { socket_.close(); }

 private:
  Socket socket_;
  int error_ = 0;
  base::Nanoseconds begun_{0};
  base::Nanoseconds connect_time_{0};
};

// An errno of a call that is to be tried again once the stream is ready.
bool would_block(int error);

}  // namespace loadlab
