#include "base/without_password.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

namespace base {
namespace {

constexpr std::string_view kBlank = "…";

struct Range {
  std::size_t from = 0;
  std::size_t to = 0;
};

// Between the user and the last '@': a password may hold an '@' or a '/' that should have been escaped.
std::optional<Range> password_in(std::string_view url) {
  constexpr std::string_view kBehindScheme = "://";
  const auto at = url.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto scheme = url.find(kBehindScheme);
  // Without a scheme nobody knows which part is the user's name; `a@b` alone has none.
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + kBehindScheme.size();
  const auto colon = url.find(':', begin);
  if (at < begin || colon == std::string_view::npos || colon >= at) return std::nullopt;
  return Range{colon, at};
}

bool is_secret(std::string_view key) {
  constexpr auto kEndings = std::to_array<std::string_view>({"password", "passwd", "token", "key", "secret"});
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

// Values of `?key=value&key=value`, and of libpq's `key=value key=value`.
std::vector<Range> secret_values_in(std::string_view url) {
  std::vector<Range> found;
  for (std::size_t equals = url.find('='); equals != std::string_view::npos; equals = url.find('=', equals + 1)) {
    const std::size_t before = url.substr(0, equals).find_last_of("?& :");
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (!is_secret(url.substr(begin, equals - begin))) continue;
    found.push_back({equals + 1, std::min(url.find_first_of("&# ", equals + 1), url.size())});
  }
  return found;
}

void blank_out(std::string& words, std::string_view piece) {
  constexpr std::size_t kShortest = 2;  // a letter alone is in every word
  if (piece.size() < kShortest) return;
  for (std::size_t at = words.find(piece); at != std::string::npos; at = words.find(piece, at + kBlank.size()))
    words.replace(at, piece.size(), kBlank);
}

}  // namespace

std::string without_password(std::string_view url) {
  std::string shown(url);
  auto values = secret_values_in(url);
  const auto password = password_in(url);
  // From the end, so that places before stay where they are.
  std::reverse(values.begin(), values.end());
  for (const auto& [from, to] : values) {
    if (!password || to <= password->from || from >= password->to) shown.replace(from, to - from, kBlank);
  }
  if (const auto found = password_in(shown)) shown.erase(found->from, found->to - found->from);
  return shown;
}

std::string without_password_of(std::string_view url, std::string_view words) {
  std::string told(words);
  auto secrets = secret_values_in(url);
  if (const auto password = password_in(url)) secrets.push_back({password->from + 1, password->to});
  for (const auto& [from, to] : secrets) {
    blank_out(told, url.substr(from, to - from));
    // Only a part of it may have been taken for something.
    for (std::size_t begin = from; begin < to;) {
      const std::size_t end = std::min(url.find_first_of("@:/?#%&[]", begin), to);
      blank_out(told, url.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return told;
}

}  // namespace base
