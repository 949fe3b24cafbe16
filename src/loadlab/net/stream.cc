#include "loadlab/net/stream.h"

#include <cerrno>

namespace loadlab {

using base::SystemClock;

int Stream::connect(const Address& address, Poller& poller, ReadyListener& listener) {
  int error = socket_.connect(address);
  if (error == 0) error = poller.add(socket_.fd(), listener);
  if (error != 0) socket_.close();
  begun_ = SystemClock::monotonic_now();
  return error;
}

Stream::Progress Stream::advance() {
  error_ = socket_.connect_error();
  connect_time_ = SystemClock::monotonic_now() - begun_;
  return error_ == 0 ? Progress::open : Progress::failed;
}

bool Stream::outlives(std::uint32_t events, std::vector<char>&) {
  // Nothing was asked, so whatever this is ends the connection: mostly the server's keep-alive time running out.
  return (events & EPOLLIN) == 0 && !has_end(events);
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace loadlab
