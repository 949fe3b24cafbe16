#include "costagent/cli/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace costagent {

bool shows_progress() { return ::isatty(STDERR_FILENO) != 0; }

void draw_progress(const std::string& line) {
  if (!shows_progress()) return;
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  std::fflush(stderr);
}

ExitCode refuse(const base::Error& error) {
  draw_progress("");
  std::fprintf(stderr, "costagent: %s\n", error.message.c_str());
  return exit_code(error);
}

bool printed() {
  std::cout.flush();
  if (std::cout && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  std::fprintf(stderr, "costagent: the result can't be written to standard output: %s\n", std::strerror(errno));
  return false;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

}  // namespace costagent
