// The same as bench_responder over TLS: what a load generator over TLS can be measured against.
//
//   bench_tls_responder PORT CERTIFICATE KEY      PEM files
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <unordered_map>

#include "listening.h"

namespace {

using Connections = std::unordered_map<int, SSL*>;

// One read an event: requests are small, and what is left brings the next event.
void serve(Connections& connections, int fd) {
  SSL* ssl = connections.at(fd);
  std::array<char, 16384> buffer;
  const int size = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
  if (size <= 0) {
    if (SSL_get_error(ssl, size) == SSL_ERROR_WANT_READ) return;
    SSL_free(ssl);
    connections.erase(fd);
    ::close(fd);
    return;
  }
  std::string_view input(buffer.data(), static_cast<std::size_t>(size));
  std::string answers;
  for (auto end = input.find("\r\n\r\n"); end != std::string_view::npos; end = input.find("\r\n\r\n")) {
    answers += benchmark_server::kAnswer;
    input.remove_prefix(end + 4);
  }
  SSL_write(ssl, answers.data(), static_cast<int>(answers.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX* settings = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(settings, argv[2]) != 1 ||
      SSL_CTX_use_PrivateKey_file(settings, argv[3], SSL_FILETYPE_PEM) != 1)
    return 1;
  const int listener = benchmark_server::listen_on(std::atoi(argv[1]));
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  benchmark_server::watch(epoll, listener);
  Connections connections;
  const auto greet = [&](int fd) {
    SSL* ssl = SSL_new(settings);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    connections[fd] = ssl;
  };
  std::array<epoll_event, 256> ready;
  for (;;) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      fd == listener ? benchmark_server::accept_all(epoll, listener, greet) : serve(connections, fd);
    }
  }
}
