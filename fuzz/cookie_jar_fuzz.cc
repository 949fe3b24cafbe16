// Whatever a server writes into Set-Cookie, and wherever it stood: what is sent back is one header of cookies that it
// set, within the jar's bounds. The input's first line is the path that was asked for, the second the host; each of the
// others is a header's value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/plan/http_text.h"
#include "loadlab/protocol/cookie_jar.h"

namespace {

using loadlab::CookieJar;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view path = take_line(input);
  const std::string_view host = take_line(input);
  CookieJar jar;
  auto now = std::chrono::sys_seconds(std::chrono::seconds(1'772'355'600));
  std::string sent;
  while (!input.empty()) {
    jar.take(take_line(input), {host, path, true}, now);
    sent.clear();
    jar.write({host, path, true}, now, sent);
    now += std::chrono::seconds(1);
    require(jar.size() <= CookieJar::kMostCookies);
    require(sent.size() <= jar.size() * (CookieJar::kLongestCookie + 3));
    for (const char c : sent) require((static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != 0x7F);
    require(sent.empty() || sent.find('=') != std::string::npos);
  }
  return 0;
}
