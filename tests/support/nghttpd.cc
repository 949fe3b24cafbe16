#include "support/nghttpd.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace testing_support {
namespace {

constexpr const char* kProgram = "/usr/sbin/nghttpd";

}  // namespace

bool Nghttpd::is_installed() { return std::filesystem::exists(kProgram); }

Nghttpd::Nghttpd(std::vector<std::string> options) {
  std::ofstream(server_.folder() + "/index.html") << "Hello, world!";
  options.insert(options.begin(), {kProgram, "--verbose", "--htdocs=" + server_.folder(), "--address=127.0.0.1"});
  // The port and, with TLS, key and certificate come last.
  options.insert(
      std::find_if(options.begin() + 1, options.end(), [](const std::string& word) { return word[0] != '-'; }),
      std::to_string(server_.port()));
  server_.start(std::move(options));
}

std::string Nghttpd::log() {
  server_.stop(SIGTERM);
  return server_.log();
}

}  // namespace testing_support
