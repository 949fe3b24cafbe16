#include "support/responder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace testing_support {

using Clock = std::chrono::steady_clock;

struct Responder::Connection {
  int fd = -1;
  std::string input;
  std::string output;
  Clock::time_point due = Clock::time_point::max();  // when `output` may be sent
  bool close_after = false;
};

namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

void reset_and_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

}  // namespace

Responder::Responder(Handler handler)
    : Responder(HeadHandler(
          [handler = std::move(handler)](const std::string& request, const std::string&, const std::string& body) {
            return handler ? handler(request, body) : Answer{};
          })) {}

Responder::Responder(HeadHandler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  check(listener_ >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0, "bind");
  check(::listen(listener_, 4096) == 0, "listen");
  check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  check(epoll_ >= 0, "epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_;
  check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0, "epoll_ctl");
  thread_ = std::thread([this] { serve(); });
}

Responder::~Responder() { kill(); }

void Responder::kill() {
  if (!thread_.joinable()) return;
  stop_ = true;
  thread_.join();
  ::close(listener_);
  for (const auto& [fd, connection] : open_) reset_and_close(fd);
  open_.clear();
  ::close(epoll_);
}

std::string Responder::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::uint64_t Responder::requests() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [what, count] : counts_) sum += count;
  return sum;
}

std::uint64_t Responder::requests(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

void Responder::serve() {
  std::array<epoll_event, 64> events{};
  while (!stop_) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_) {
        accept_all();
      } else if (const auto found = open_.find(fd); found != open_.end() && !read(*found->second)) {
        ::close(fd);
        open_.erase(found);
      }
    }
    const auto now = Clock::now();
    for (auto entry = open_.begin(); entry != open_.end();) {
      Connection& connection = *entry->second;
      if (connection.due > now) {
        ++entry;
        continue;
      }
      connection.due = Clock::time_point::max();
      [[maybe_unused]] const auto sent =
          ::send(connection.fd, connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
      connection.output.clear();
      if (connection.close_after) {
        ::close(connection.fd);
        entry = open_.erase(entry);
      } else {
        ++entry;
      }
    }
  }
}

void Responder::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    auto connection = std::make_unique<Connection>();
    connection->fd = fd;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    open_[fd] = std::move(connection);
  }
}

// False when the connection is over.
bool Responder::read(Connection& connection) {
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
  if (size == 0 || (size < 0 && errno != EAGAIN)) return false;
  connection.input.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  answer(connection);
  return connection.fd >= 0;
}

void Responder::answer(Connection& connection) {
  const auto head_end = connection.input.find("\r\n\r\n");
  if (head_end == std::string::npos) return;
  const std::string head = connection.input.substr(0, head_end);
  std::size_t length = 0;
  if (const auto at = head.find("Content-Length: "); at != std::string::npos)
    length = std::strtoul(head.c_str() + at + 16, nullptr, 10);
  if (connection.input.size() < head_end + 4 + length) return;
  const std::string what = head.substr(0, head.find(" HTTP/"));
  const std::string body = connection.input.substr(head_end + 4, length);
  connection.input.erase(0, head_end + 4 + length);
  {
    const std::lock_guard lock(mutex_);
    ++counts_[what];
  }
  const Answer answer = handler_(what, head, body);
  if (answer.never) return;
  if (answer.reset) {
    const linger now{1, 0};
    ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    connection.close_after = true;
  } else {
    connection.output = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + answer.headers +
                        "Content-Length: " + std::to_string(answer.body.size()) +
                        (answer.close ? "\r\nConnection: close" : "") + "\r\n\r\n" + answer.body;
    connection.close_after = answer.close;
  }
  connection.due = Clock::now() + answer.delay;
}

}  // namespace testing_support
