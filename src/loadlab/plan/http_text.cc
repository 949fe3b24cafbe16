#include "loadlab/plan/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "loadlab/plan/complaints.h"

namespace loadlab {
namespace {

constexpr auto kMethods = std::to_array<std::string_view>({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Servers refuse longer lines (8 KB is the common limit).
constexpr std::size_t kLongestPath = 8000;

}  // namespace

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool same_header_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string> problem_of_method(std::string_view method) {
  constexpr std::size_t kLongestMethod = 32;
  if (!is_token(method) || method.size() > kLongestMethod)
    return fmt::format("'{}' is not a method; write GET, POST, PUT, PATCH, DELETE …", shown(method));
  // Servers have methods of their own, too; but none that looks like a slip of these.
  const auto meant = base::nearest(method, {kMethods.begin(), kMethods.end()});
  const bool has_small = std::any_of(method.begin(), method.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (has_small) {
    std::string large(method);
    for (char& c : large) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return fmt::format("'{}' has small letters, which make it another method; write {}", method, meant.value_or(large));
  }
  if (!meant || *meant == method) return std::nullopt;
  return fmt::format("unknown method '{}'; did you mean {}? The usual ones are {}", method, *meant,
                     fmt::join(kMethods, ", "));
}

std::optional<std::string> problem_of_path(std::string_view path) {
  if (path.starts_with("http://") || path.starts_with("https://"))
    return fmt::format("'{}' names a host; give only the path here, and the host as 'target'", shown(path));
  if (!path.starts_with('/')) return fmt::format("'{}' is not a path; it must begin with '/'", shown(path));
  if (path.find(' ') != std::string_view::npos) return fmt::format("'{}' has a space; write it as %20", shown(path));
  if (std::any_of(path.begin(), path.end(), is_control))
    return fmt::format("'{}' has a control character; write it as % and two hexadecimal digits", shown(path));
  if (std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return fmt::format("'{}' has a letter outside ASCII; write its bytes as % and two hexadecimal digits", shown(path));
  if (path.find('#') != std::string_view::npos)
    return fmt::format("'{}' has a '#'; what follows it is never sent to a server: take it away, or write %23",
                       shown(path));
  if (path.size() > kLongestPath) return fmt::format("'{}' is longer than {} bytes", shown(path), kLongestPath);
  return std::nullopt;
}

std::optional<std::string> problem_of_header_name(std::string_view name) {
  static constexpr auto kOwn =
      std::to_array<std::string_view>({"Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect"});
  constexpr std::size_t kLongestName = 200;
  if (!is_token(name) || name.size() > kLongestName)
    return fmt::format("'{}' is not the name of a header; letters, digits and '-' are, as in X-Request-Id",
                       shown(name));
  for (const std::string_view own : kOwn) {
    if (same_header_name(own, name)) return fmt::format("'{}' is set by loadlab itself; take it away", own);
  }
  return std::nullopt;
}

std::optional<std::string> problem_of_header_value(std::string_view value) {
  constexpr std::size_t kLongestValue = 8000;
  if (std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; }))
    return fmt::format("'{}' has a line break or a control character, which no header may hold", shown(value));
  if (value.size() > kLongestValue) return fmt::format("'{}' is longer than {} bytes", shown(value), kLongestValue);
  return std::nullopt;
}

}  // namespace loadlab
