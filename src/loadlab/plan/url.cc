#include <algorithm>
#include <charconv>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

// Labels of letters, digits, '-', '_' and '.', at most 253 of them (RFC 1035, section 2.3.4).
bool is_host_name(std::string_view host) {
  constexpr std::size_t kLongest = 253;
  return !host.empty() && host.size() <= kLongest && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

// Only the letters: whether it is an address is for the resolver to say.
bool looks_like_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

base::Result<std::uint16_t> parse_port(std::string_view text, std::string_view url) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0 || port > 65535) {
    return fail(ErrorKind::invalid, "'{}': '{}' is not a port; expected a number from 1 to 65535", shown(url),
                shown(text));
  }
  return static_cast<std::uint16_t>(port);
}

// Splits `host:port` or `[ipv6]:port` into `url`.
base::Result<> read_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos)
      return fail(ErrorKind::invalid, "'{}': the '[' of an IPv6 address is not closed", shown(url.text));
    host = authority.substr(1, end - 1);
    const std::string_view rest = authority.substr(end + 1);
    has_port = !rest.empty();
    if (!looks_like_ipv6(host) || (has_port && rest.front() != ':'))
      return fail(ErrorKind::invalid, "'{}' has no valid IPv6 address; write it as in http://[::1]:8080",
                  shown(url.text));
    if (has_port) port = rest.substr(1);
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
    if (host.empty()) return fail(ErrorKind::invalid, "'{}' has no host", shown(url.text));
    if (!is_host_name(host))
      return fail(ErrorKind::invalid, "'{}': '{}' is not a host name", shown(url.text), shown(host));
  }
  url.host = host;
  if (!has_port) return {};
  const auto number = parse_port(port, url.text);
  if (!number) return base::pass_on(number);
  url.port = *number;
  return {};
}

base::Result<> read_base_path(std::string_view path, Url& url) {
  if (path.find_first_of("?#") != std::string_view::npos)
    return fail(ErrorKind::invalid, "'{}': the URL of a target ends with its path; put the query into the steps",
                shown(url.text));
  if (!path.empty()) {
    if (const auto problem = problem_of_path(path)) return fail(ErrorKind::invalid, "{}", *problem);
  }
  url.base_path = path;
  while (url.base_path.ends_with('/')) url.base_path.pop_back();
  return {};
}

constexpr std::string_view kUnixScheme = "unix:";

// `unix:/path/of/socket` or `unix:/path/of/socket:/base`.
base::Result<Url> parse_unix(std::string_view text) {
  // What sockaddr_un has room for, with the zero behind it (unix(7)).
  constexpr std::size_t kLongest = 107;
  Url url;
  url.text = text;
  url.host = "localhost";
  const std::string_view rest = text.substr(kUnixScheme.size());
  const auto end = rest.find(':');
  url.socket = rest.substr(0, end);
  if (!url.socket.starts_with('/') || url.socket.size() > kLongest || url.socket.find('\0') != std::string::npos) {
    return fail(ErrorKind::invalid, "'{}': expected the path of a socket, from / on and of at most {} bytes, as in {}",
                shown(text), kLongest, "unix:/run/app.sock or unix:/run/app.sock:/base");
  }
  const std::string_view path = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  if (const auto read = read_base_path(path, url); !read) return base::pass_on(read);
  return url;
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  if (text.starts_with(kUnixScheme)) return parse_unix(text);
  Url url;
  url.text = text;
  url.tls = text.starts_with("https://");
  if (url.tls) url.port = 443;
  if (!url.tls && !text.starts_with("http://"))
    return fail(ErrorKind::invalid, "'{}' is not a URL; write it as in http://127.0.0.1:8080", shown(text));
  const std::string_view rest = text.substr(text.find("//") + 2);
  const auto end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, end);
  const std::string_view path = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (authority.find('@') != std::string_view::npos)
    return fail(ErrorKind::invalid, "'{}' holds a user name; send it as a header 'Authorization' instead", shown(text));
  if (const auto read = read_authority(authority, url); !read) return base::pass_on(read);
  if (const auto read = read_base_path(path, url); !read) return base::pass_on(read);
  return url;
}

}  // namespace loadlab
