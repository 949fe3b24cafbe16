#include "support/nghttpd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace testing_support {
namespace {

constexpr const char* kProgram = "/usr/sbin/nghttpd";

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

bool Nghttpd::is_installed() { return std::filesystem::exists(kProgram); }

Nghttpd::Nghttpd(std::vector<std::string> options) : port_(free_port()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "nghttpd-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  std::ofstream(folder_ + "/index.html") << "Hello, world!";
  options.insert(options.begin(), {kProgram, "--verbose", "--htdocs=" + folder_, "--address=127.0.0.1"});
  std::vector<std::string> words = std::move(options);
  // The port and, with TLS, key and certificate come last.
  words.insert(std::find_if(words.begin() + 1, words.end(), [](const std::string& word) { return word[0] != '-'; }),
               std::to_string(port_));
  const std::string log = folder_ + "/log";
  process_ = ::fork();
  if (process_ == 0) {
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(kProgram, arguments.data());
    ::_exit(127);
  }
  for (int attempt = 0; attempt < 500; ++attempt) {
    if (accepts(port_)) return;
    ::poll(nullptr, 0, 10);
  }
  stop();
  throw std::runtime_error("nghttpd doesn't start");
}

Nghttpd::~Nghttpd() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Nghttpd::log() {
  stop();
  std::ifstream file(folder_ + "/log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Nghttpd::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace testing_support
