#include "faulty_service/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <thread>

namespace faulty {
namespace {

constexpr std::size_t kMostHead = 16 * 1024;  // more is no request of a test

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Service::Answer answer_to(std::string_view head, Service& service, const Options& options) {
  if (!head.starts_with("GET /metrics")) return service.work();
  Service::Answer answer;
  answer.status = options.metrics ? 200 : 404;
  if (options.metrics) answer.body = service.metrics();
  return answer;
}

// Requests have no bodies. The socket is closed at the end, unless the service forgets it.
void serve_connection(int socket, Service& service, const Options& options) {
  std::string received;
  char buffer[4096];
  while (true) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
      const ssize_t count = received.size() > kMostHead ? 0 : ::recv(socket, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      received.append(buffer, static_cast<std::size_t>(count));
      continue;
    }
    const Service::Answer answer = answer_to(received, service, options);
    received.erase(0, end + 4);
    const bool sent =
        send_all(socket, fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\n{}Content-Length: {}\r\n\r\n{}",
                                     answer.status, answer.status == 200 ? "OK" : "Refused",
                                     answer.close ? "Connection: close\r\n" : "", answer.body.size(), answer.body));
    if (answer.forget) return;
    if (!sent || answer.close) break;
  }
  ::close(socket);
}

}  // namespace

int listen_on(std::uint16_t& port, int backlog) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || ::bind(listener, generic, size) != 0 || ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, generic, &size) != 0)
    return -1;
  port = ntohs(address.sin_port);
  return listener;
}

void serve(int listener, Service& service, const Options& options) {
  // A thread a connection is right for the some hundred of a test.
  const bool inline_answers = options.fault == Fault::accept_queue;
  while (true) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (inline_answers) {
      serve_connection(socket, service, options);
    } else {
      std::thread([socket, &service, &options] { serve_connection(socket, service, options); }).detach();
    }
  }
}

}  // namespace faulty
