// The least server that a load generator can be measured against: one epoll loop, one fixed answer to every request.
//
//   bench_responder PORT        listens on 127.0.0.1 (0 picks a port), prints it, and serves until it is ended
//
// It counts a request at each blank line, so it serves requests without bodies only. Nothing is parsed: what is
// measured is the generator.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nServer: responder\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";

int listen_on(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener, 4096) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::perror("bench_responder: listen");
    std::exit(1);
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void accept_all(int epoll, int listener) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

// Answers each request that ends within what arrived; requests are small enough never to be split on loopback.
void serve(int fd) {
  std::array<char, 16384> buffer;
  const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (size <= 0) {
    ::close(fd);
    return;
  }
  std::string_view input(buffer.data(), static_cast<std::size_t>(size));
  std::string answers;
  for (auto end = input.find("\r\n\r\n"); end != std::string_view::npos; end = input.find("\r\n\r\n")) {
    answers += kAnswer;
    input.remove_prefix(end + 4);
  }
  if (::send(fd, answers.data(), answers.size(), MSG_NOSIGNAL) < 0) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = listen_on(argc > 1 ? std::atoi(argv[1]) : 0);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> ready;
  for (;;) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      fd == listener ? accept_all(epoll, listener) : serve(fd);
    }
  }
}
