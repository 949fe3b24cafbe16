// A program that serves a port of 127.0.0.1 for the length of a test, as a process of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace testing_support {

// Has a temporary folder, a free port and a log. Failures throw std::runtime_error with the log's end.
class LocalServer {
 public:
  // With `user`, and as root, what it starts runs as that user, to whom the folder then belongs.
  explicit LocalServer(const std::string& name, const std::optional<std::string>& user = std::nullopt);
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  // Ends it, and takes the folder away.
  ~LocalServer();

  const std::string& folder() const { return folder_; }
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_; }

  // Runs a command to its end, within the folder; the first says whether it went well, the second throws where not.
  bool succeeds(std::vector<std::string> words) const;
  void run(const std::vector<std::string>& words) const;
  // Starts the server, and waits until it takes connections.
  void start(std::vector<std::string> words);
  void stop(int signal);

  // What it wrote to standard output and error.
  std::string log() const;

 private:
  pid_t spawn(std::vector<std::string>& words) const;

  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
};

}  // namespace testing_support
