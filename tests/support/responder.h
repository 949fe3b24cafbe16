// A small real HTTP server for tests: one thread, real sockets, answers as its routes say, and counts what it was
// asked.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace testing_support {

struct Answer {
  int status = 200;
  std::string body = "ok";
  std::chrono::milliseconds delay{0};
  bool close = false;     // say `Connection: close` and close
  bool reset = false;     // no answer at all: the connection is reset
  bool never = false;     // no answer at all: silence
  std::string headers{};  // more of them, each ended by CRLF
};

// Listens on a free port of 127.0.0.1 until destroyed. Thread-safe.
class Responder {
 public:
  // Called on the server's thread with `METHOD target` and the request's body.
  using Handler = std::function<Answer(const std::string& request, const std::string& body)>;

  // The same, with the request's head between them, from its first line to its last, each but that ended by CRLF.
  using HeadHandler =
      std::function<Answer(const std::string& request, const std::string& head, const std::string& body)>;

  explicit Responder(Handler handler = {});
  explicit Responder(HeadHandler handler);
  ~Responder();

  std::uint16_t port() const { return port_; }
  std::string url() const;
  // Requests received so far, in all or by `METHOD target`.
  std::uint64_t requests() const;
  std::uint64_t requests(const std::string& what) const;
  std::uint64_t connections() const { return connections_; }
  // Stops listening and resets what is open, as a killed process would.
  void kill();

 private:
  struct Connection;
  void serve();
  void accept_all();
  bool read(Connection& connection);
  void answer(Connection& connection);

  HeadHandler handler_;
  int listener_ = -1;
  int epoll_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> connections_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
  std::map<int, std::unique_ptr<Connection>> open_;
  std::thread thread_;
};

}  // namespace testing_support
