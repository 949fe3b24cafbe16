#include "loadlab/net/socket.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace loadlab {

namespace {

// The port is chosen as the connection is made, and has to differ only from those to the same address: many connections
// get by with few ports (ip(7)).
int bind_to(int fd, const Address& source) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return ::bind(fd, source.data(), source.length) == 0 ? 0 : errno;
}

}  // namespace

int Socket::connect(const Address& address, const Address* source) {
  fd_.reset(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_.is_open()) return errno;
  int error = source != nullptr ? bind_to(fd_.get(), *source) : 0;
  if (error == 0) {
    const int on = 1;
    if (address.family() != AF_UNIX) ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_.get(), address.data(), address.length) == 0 || errno == EINPROGRESS) return 0;
    error = errno;
  }
  fd_.reset();
  return error;
}

int Socket::try_source(const Address& source) {
  const UniqueFd fd(::socket(source.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd.is_open() ? bind_to(fd.get(), source) : errno;
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

bool Socket::lost_what_was_sent() const {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  // The opening's SYN is acknowledged as one byte, but not sent as one.
  return info.tcpi_bytes_acked < info.tcpi_bytes_sent - info.tcpi_bytes_retrans + 1;
}

void Socket::abort() {
  if (!fd_.is_open()) return;
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

}  // namespace loadlab
