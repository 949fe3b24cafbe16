#include "loadlab/net/stream.h"

#include <cerrno>
#include <cstring>

namespace loadlab {

using base::Nanoseconds;
using base::SystemClock;

int Stream::connect(Dialer& dialer, ReadyListener& listener) {
  if (route_ == kNoRoute) route_ = dialer.next_route();
  if (dialer.tls() != nullptr && !tls_) tls_ = std::make_unique<Tls>(*dialer.tls(), dialer.wire());
  const Dialer::Route route = dialer.route(route_);
  connected_ = false;
  connect_time_ = tls_time_ = Nanoseconds(0);
  error_ = socket_.connect(route.to, route.from);
  if (error_ == 0) error_ = dialer.poller().add(socket_.fd(), listener);
  if (error_ != 0) socket_.close();
  begun_ = SystemClock::monotonic_now();
  return error_;
}

Stream::Progress Stream::advance() {
  if (connected_) return handshake();
  error_ = socket_.connect_error();
  const Nanoseconds now = SystemClock::monotonic_now();
  connect_time_ = now - begun_;
  if (error_ != 0) return Progress::failed;
  connected_ = true;
  if (!tls_) return Progress::open;
  begun_ = now;
  error_ = tls_->begin(socket_);
  return error_ == 0 ? handshake() : Progress::failed;
}

Stream::Progress Stream::handshake() {
  error_ = tls_->handshake();
  if (error_ == EAGAIN) return Progress::waiting;
  tls_time_ = SystemClock::monotonic_now() - begun_;
  return error_ == 0 ? Progress::open : Progress::failed;
}

std::string Stream::reason() const {
  if (connected_ && tls_) return tls_->reason();
  return std::strerror(error_ != 0 ? error_ : ETIMEDOUT);
}

bool Stream::outlives(std::uint32_t events, std::vector<char>& buffer) {
  if ((events & EPOLLIN) == 0 && !has_end(events)) return true;
  // Nothing was asked, so whatever this is ends the connection (mostly the server's keep-alive time running out), but
  // for TLS's own housekeeping.
  return tls_ && receive(buffer) < 0 && would_block(errno);
}

void Stream::abort() {
  if (tls_) tls_->end(false);
  socket_.abort();
}

void Stream::close() {
  if (tls_) tls_->end(true);
  socket_.close();
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace loadlab
