// A client for tests that sends exactly the bytes it is given.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace costagent {

struct RawResponse {
  int status = 0;  // 0: the connection ended before an answer
  std::string head;
  std::string body;

  // The header's value; empty if there is none.
  std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    // A server that never answers fails the test instead of hanging it.
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { vanish(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void half_close() { ::shutdown(socket_, SHUT_WR); }

  // Ends the connection with a reset, as a killed client's is.
  void vanish() {
    if (socket_ < 0) return;
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket_);
    socket_ = -1;
  }

  // The next answer; interim ones (1xx) are answers too. `has_body` is false for that of a HEAD.
  RawResponse read(bool has_body = true) {
    RawResponse response;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return response;
    }
    response.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    std::from_chars(response.head.data() + 9, response.head.data() + 12, response.status);
    const std::string length = response.header("Content-Length");
    const std::size_t size = has_body && !length.empty() ? std::stoul(length) : 0;
    while (received_.size() < size) {
      if (!receive()) return {};
    }
    response.body = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }

  // Whether the server ended the connection, with nothing more to read.
  bool ended() { return received_.empty() && !receive() && !silent_; }

  RawResponse ask(std::string_view request) {
    send(request);
    return read();
  }
  RawResponse get(const std::string& target) { return ask("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n"); }
  RawResponse post(const std::string& target, const std::string& body) {
    return ask("POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  }

 private:
  bool receive() {
    char block[16 * 1024];
    const auto size = ::recv(socket_, block, sizeof block, 0);
    silent_ = size < 0 && errno == EAGAIN;
    if (size <= 0) return false;
    received_.append(block, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool silent_ = false;  // nothing came, and the connection is open
  std::string received_;
};

}  // namespace costagent
