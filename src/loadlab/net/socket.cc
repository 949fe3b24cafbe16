#include "loadlab/net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loadlab {

int Socket::connect(const Address& address) {
  fd_.reset(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd_.is_open()) return errno;
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), address.data(), address.length) == 0 || errno == EINPROGRESS) return 0;
  const int error = errno;
  fd_.reset();
  return error;
}

int Socket::connect_error() const {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

// The calls of every request pass by the C library's wrappers of them: those are points at which a thread may be
// cancelled, which here none ever is, and the watch for that is most of what they cost.
ssize_t Socket::send(std::string_view bytes) const {
  return ::syscall(SYS_sendto, fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}

ssize_t Socket::receive(char* buffer, std::size_t size) const {
  return ::syscall(SYS_recvfrom, fd_.get(), buffer, size, 0, nullptr, nullptr);
}

void Socket::abort() {
  if (!fd_.is_open()) return;
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

base::Result<Address> first_reachable(const std::vector<Address>& addresses, int timeout_ms) {
  int error = EADDRNOTAVAIL;
  std::string tried;
  for (const Address& address : addresses) {
    Socket socket;
    tried = address.to_string();
    error = socket.connect(address);
    if (error == 0) {
      pollfd waiting{socket.fd(), POLLOUT, 0};
      const int ready = ::poll(&waiting, 1, timeout_ms);
      error = ready == 0 ? ETIMEDOUT : ready < 0 ? errno : socket.connect_error();
      if (error == 0) return address;
    }
  }
  return base::fail(base::ErrorKind::unavailable, "{}: {}", tried, std::strerror(error));
}

}  // namespace loadlab
