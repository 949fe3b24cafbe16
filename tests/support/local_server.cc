#include "support/local_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace testing_support {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), length);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(fd);
  return ntohs(address.sin_port);
}

bool accepts(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

LocalServer::LocalServer(const std::string& name, const std::optional<std::string>& user) : port_(free_port()) {
  std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  if (!user || ::geteuid() != 0) return;
  const passwd* entry = ::getpwnam(user->c_str());
  if (entry == nullptr) throw std::runtime_error("there is no user " + *user);
  uid_ = entry->pw_uid;
  gid_ = entry->pw_gid;
  if (::chown(folder_.c_str(), uid_, gid_) != 0) throw std::runtime_error("the folder can't be given to " + *user);
}

LocalServer::~LocalServer() {
  stop(SIGTERM);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

pid_t LocalServer::spawn(std::vector<std::string>& words) const {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string path = folder_ + "/log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const int none = ::open("/dev/null", O_RDONLY);
  ::dup2(none, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  if (uid_ != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(gid_) != 0 || ::setuid(uid_) != 0)) ::_exit(126);
  if (::chdir(folder_.c_str()) != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

bool LocalServer::succeeds(std::vector<std::string> words) const {
  int status = 0;
  ::waitpid(spawn(words), &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void LocalServer::run(const std::vector<std::string>& words) const {
  if (!succeeds(words)) throw std::runtime_error(words[0] + " failed: " + log());
}

void LocalServer::start(std::vector<std::string> words) {
  process_ = spawn(words);
  for (int attempt = 0; attempt < 3000; ++attempt) {
    if (accepts(port_)) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    ::poll(nullptr, 0, 10);
  }
  stop(SIGKILL);
  throw std::runtime_error(words[0] + " doesn't start: " + log());
}

void LocalServer::stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, signal);
  ::kill(process_, SIGCONT);  // one that was paused takes no other signal
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::string LocalServer::log() const {
  std::ifstream file(folder_ + "/log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace testing_support
