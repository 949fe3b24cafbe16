#include "base/without_password.h"

#include <algorithm>

namespace base {
namespace {

void blank_parameter(std::string& url, std::string_view key) {
  for (std::size_t at = url.find(key); at != std::string::npos; at = url.find(key, at + 1)) {
    if (at == 0 || (url[at - 1] != '?' && url[at - 1] != '&')) continue;
    const std::size_t from = at + key.size();
    const std::size_t to = std::min(url.find_first_of("&#", from), url.size());
    url.replace(from, to - from, "…");
  }
}

}  // namespace

std::string without_password(std::string_view url) {
  constexpr std::string_view kBehindScheme = "://";
  std::string shown(url);
  const auto scheme = url.find(kBehindScheme);
  if (scheme != std::string_view::npos) {
    // A password may hold an '@' or a '/' that should have been escaped: up to the last '@' none of it is shown.
    const std::size_t begin = scheme + kBehindScheme.size();
    const std::size_t at = url.rfind('@');
    if (at != std::string_view::npos && at >= begin) {
      const std::size_t colon = url.find(':', begin);
      if (colon != std::string_view::npos && colon < at) shown.erase(colon, at - colon);
    }
  }
  blank_parameter(shown, "password=");
  blank_parameter(shown, "token=");
  return shown;
}

}  // namespace base
