// The least client there can be: what a request costs before anything is measured, parsed or planned.
//
//   bench_bare_client PORT CONNECTIONS SECONDS        prints `requests N`
//
// Each connection sends a fixed request, waits for any bytes, takes them for the answer and sends again.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bare\r\nAccept: */*\r\n\r\n";

void must(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

void send_request(int fd) {
  must(::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kRequest.size()), "send");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_bare_client PORT CONNECTIONS SECONDS\n");
    return 2;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = fd;
    must(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    send_request(fd);
  }
  std::uint64_t requests = 0;
  std::array<epoll_event, 128> ready;
  std::array<char, 65536> buffer;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[3]));
  while (std::chrono::steady_clock::now() < end) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      must(::recv(fd, buffer.data(), buffer.size(), 0) > 0, "recv");
      ++requests;
      send_request(fd);
    }
  }
  std::printf("requests %llu\n", static_cast<unsigned long long>(requests));
}
