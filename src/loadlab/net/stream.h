// A connection's bytes, both ways, from its opening to its end: over plain TCP, a Unix socket, or TLS on top of either.
//
// Non-blocking. Errors are errnos throughout, with TLS's own (tls.h). Belongs to one thread; the dialer that opens it
// must outlive it. It may be opened again once it is closed, and then goes the same way.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "loadlab/net/destination.h"
#include "loadlab/net/poller.h"
#include "loadlab/net/socket.h"
#include "loadlab/net/tls.h"

namespace loadlab {

class Stream {
 public:
  enum class Progress { waiting, open, failed };

  // Starts to connect; `listener` is told of every readiness from then on. Returns 0 while that is under way, else
  // errno, and is closed.
  int connect(Dialer& dialer, ReadyListener& listener);

  // Goes on with the opening, after each readiness until it is open or has failed. `error` then says why, and `reason`
  // for people.
  Progress advance();
  int error() const { return error_; }
  std::string reason() const;

  // How long the handshakes of TCP and TLS took, as far as they have come; 0 of one that isn't needed.
  base::Nanoseconds connect_time() const { return connect_time_; }
  base::Nanoseconds tls_time() const { return tls_time_; }

  // As send(2) and recv(2). After EAGAIN, `send` must be offered the same bytes again, or more.
  ssize_t send(std::string_view bytes) { return tls_ ? tls_->send(bytes) : socket_.send(bytes); }
  // The buffer must have room for Tls::kLeastRoom.
  ssize_t receive(std::vector<char>& buffer) {
    return tls_ ? tls_->receive(buffer) : socket_.receive(buffer.data(), buffer.size());
  }

  // After `receive` brought `arrived` bytes: the next ones bring an event of their own. The peer's end may have been
  // told already, together with these.
  bool is_drained(std::size_t arrived, const std::vector<char>& buffer) const {
    return tls_ ? tls_->is_drained() : arrived < buffer.size();
  }

  // The peer has ended it, within what was received.
  bool is_over() const { return tls_ && tls_->is_over(); }

  // The peer has closed it, and never got all that was sent before.
  bool lost_what_was_sent() const { return socket_.lost_what_was_sent(); }

  // Readiness of a stream on which nothing is expected: whether it can still be used. `buffer` is for what is read.
  bool outlives(std::uint32_t events, std::vector<char>& buffer);

  // The peer has closed or reset the connection, or it broke.
  static bool has_end(std::uint32_t events) { return (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0; }

  // With a reset; or with a farewell.
  void abort();
  void close();

 private:
  Progress handshake();

  static constexpr std::size_t kNoRoute = SIZE_MAX;

  Socket socket_;
  int error_ = 0;
  bool connected_ = false;
  std::unique_ptr<Tls> tls_;
  std::size_t route_ = kNoRoute;
  base::Nanoseconds begun_{0};  // connecting, or TLS's handshake
  base::Nanoseconds connect_time_{0};
  base::Nanoseconds tls_time_{0};
};

// An errno of a call that is to be tried again once the stream is ready.
bool would_block(int error);

}  // namespace loadlab
