#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace testing_support {

ScriptedServer::ScriptedServer(std::vector<Script> scripts)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, name, length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, name, &length) != 0)
    throw std::runtime_error("no free port on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, scripts = std::move(scripts)] {
    std::vector<std::thread> threads;
    for (const Script& script : scripts) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      threads.emplace_back([connection, &script] {
        script(connection);
        ::close(connection);
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
}

ScriptedServer::~ScriptedServer() {
  thread_.join();
  ::close(listener_);
}

std::string read_until(int fd, std::string_view end) {
  std::string text;
  char buffer[4096];
  while (text.find(end) == std::string::npos) {
    const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

std::string read_some(int fd) {
  std::string text(4096, '\0');
  const ssize_t got = ::recv(fd, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

std::string read_exactly(int fd, std::size_t size) {
  std::string text(size, '\0');
  if (size == 0) return text;  // recv(2) would wait even for nothing
  const ssize_t got = ::recv(fd, text.data(), size, MSG_WAITALL);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void reset_on_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace testing_support
