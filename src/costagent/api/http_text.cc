#include "costagent/api/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <iterator>

namespace costagent {
namespace {

constexpr std::size_t kLongestRequestId = 128;

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

// A header line of the current second, made once a second and thread.
std::string_view date_line(base::UtcTime now) {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string line;
  const auto current = std::chrono::floor<std::chrono::seconds>(now);
  if (current != second || line.empty()) {
    second = current;
    const std::time_t time = current.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    const auto size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    line.assign(text, size);
  }
  return line;
}

}  // namespace

bool good_request_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestRequestId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

Method method_of(std::string_view name) {
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (name_of(static_cast<Method>(i)) == name) return static_cast<Method>(i);
  }
  return Method::other;
}

Target split_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  // A proxy may name the whole URL; a server must take it (RFC 9112, section 3.2.2).
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    const auto path = target.find_first_of("/?", kScheme.size());
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const auto path = target.substr(0, target.find('?'));
  return {path, target.substr(std::min(target.size(), path.size() + 1))};
}

std::optional<std::chrono::milliseconds> read_timeout(std::string_view text) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  const std::chrono::milliseconds time(number);
  if (error != std::errc() || read != end || number == 0 || time > kLongest) return std::nullopt;
  return time;
}

void write_head(const Response& response, std::string_view request_id, bool keep_alive, base::UtcTime now,
                std::string& head) {
  head.clear();
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n",
                 response.status, reason_of(response.status), response.content_type, response.body.size(), request_id);
  for (const auto& [name, value] : response.headers) fmt::format_to(out, "{}: {}\r\n", name, value);
  head += date_line(now);
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace costagent
