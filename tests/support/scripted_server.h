// A server that carries out a script on each connection it accepts, the first on the first one and so on, each in a
// thread of its own, on a free port of 127.0.0.1.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace testing_support {

class ScriptedServer {
 public:
  // Blocking socket; closed when the script returns.
  using Script = std::function<void(int fd)>;

  // Throws std::runtime_error when it can't listen.
  explicit ScriptedServer(std::vector<Script> scripts);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  // Waits for all scripts to end: as many connections must come as there are scripts.
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// Reads until the text holds `end`, or the peer closes.
std::string read_until(int fd, std::string_view end);

// What has come, at least a byte; nothing once the peer has closed.
std::string read_some(int fd);

// Exactly `size` bytes, or less if the peer closes before.
std::string read_exactly(int fd, std::size_t size);

// Gives up quietly when the peer has gone. Returns whether all was taken.
bool write_all(int fd, std::string_view text);

// Makes the close of the socket a reset.
void reset_on_close(int fd);

}  // namespace testing_support
