// The least server that a load generator can be measured against: one epoll loop, one fixed answer to every request.
//
//   bench_responder PORT        listens on 127.0.0.1 (0 picks a port), prints it, and serves until it is ended
//
// It counts a request at each blank line, so it serves requests without bodies only. Nothing is parsed: what is
// measured is the generator.
#include <unistd.h>

#include <array>
#include <string>

#include "listening.h"

namespace {

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
    answers += benchmark_server::kAnswer;
    input.remove_prefix(end + 4);
  }
  if (::send(fd, answers.data(), answers.size(), MSG_NOSIGNAL) < 0) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = benchmark_server::listen_on(argc > 1 ? std::atoi(argv[1]) : 0);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  benchmark_server::watch(epoll, listener);
  std::array<epoll_event, 256> ready;
  for (;;) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      fd == listener ? benchmark_server::accept_all(epoll, listener, [](int) {}) : serve(fd);
    }
  }
}
