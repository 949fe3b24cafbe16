#include "loadlab/protocol/cookie_jar.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "loadlab/plan/http_text.h"
#include "loadlab/protocol/cookie_date.h"

namespace loadlab {
namespace {

using std::chrono::sys_seconds;

std::string_view without_spaces(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// They can't stand in a header that is sent, whoever let them pass in one that came.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

// Without the port. An IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool same_host(std::string_view a, std::string_view b) { return same_header_name(a, b); }

// RFC 6265, 5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (same_host(host, domain)) return true;
  if (host.size() <= domain.size() || is_address(host)) return false;
  return host[host.size() - domain.size() - 1] == '.' && same_host(host.substr(host.size() - domain.size()), domain);
}

std::string_view without_query(std::string_view path) { return path.substr(0, path.find('?')); }

// RFC 6265, 5.1.4.
std::string_view default_path(std::string_view path) {
  const auto last = without_query(path).rfind('/');
  return !path.starts_with('/') || last == 0 ? "/" : path.substr(0, last);
}

// RFC 6265, 5.1.4.
bool path_matches(std::string_view path, std::string_view of_cookie) {
  if (!path.starts_with(of_cookie)) return false;
  return path.size() == of_cookie.size() || of_cookie.ends_with('/') || path[of_cookie.size()] == '/';
}

// From now on to the end of time; none where it is no number. Zero and less: it is over.
std::optional<sys_seconds> expiry_of(std::string_view max_age, sys_seconds now) {
  // A thousand years: beyond it nothing is expired by a test, and nothing overflows.
  constexpr std::int64_t kLongest = std::int64_t{1000} * 366 * 24 * 3600;
  const bool negative = max_age.starts_with('-');
  const std::string_view digits = max_age.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char digit : digits) seconds = std::min(kLongest, 10 * seconds + (digit - '0'));
  if (negative || seconds == 0) return sys_seconds::min();
  return now + std::chrono::seconds(seconds);
}

// What the attributes say; of one given twice, the last.
struct Attributes {
  std::string_view domain;
  std::string_view path;
  std::optional<sys_seconds> expires;
  std::optional<sys_seconds> max_age;
  bool secure = false;
};

Attributes attributes_in(std::string_view text, sys_seconds now) {
  Attributes found;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = std::min(part.find('='), part.size());
    const std::string_view name = without_spaces(part.substr(0, equals));
    const std::string_view value = without_spaces(part.substr(std::min(part.size(), equals + 1)));
    if (same_header_name(name, "Expires")) {
      if (const auto date = parse_cookie_date(value)) found.expires = date;
    } else if (same_header_name(name, "Max-Age")) {
      if (const auto expiry = expiry_of(value, now)) found.max_age = expiry;
    } else if (same_header_name(name, "Domain")) {
      if (!value.empty()) found.domain = value.substr(value.starts_with('.') ? 1 : 0);
    } else if (same_header_name(name, "Path")) {
      found.path = value.starts_with('/') ? value : std::string_view();
    } else if (same_header_name(name, "Secure")) {
      found.secure = true;
    }
  }
  return found;
}

}  // namespace

void CookieJar::take(std::string_view set_cookie, const Place& from, sys_seconds now) {
  if (has_control_characters(set_cookie)) return;
  const std::string_view pair = set_cookie.substr(0, set_cookie.find(';'));
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = without_spaces(pair.substr(0, equals));
  if (name.empty()) return;
  const Attributes attributes = attributes_in(set_cookie.substr(std::min(set_cookie.size(), pair.size() + 1)), now);
  const std::string_view value = without_spaces(pair.substr(equals + 1));
  if (name.size() + value.size() + attributes.domain.size() + attributes.path.size() > kLongestCookie) return;
  const std::string_view host = host_of(from.authority);
  const bool host_only = attributes.domain.empty();
  if (!host_only && !domain_matches(host, attributes.domain)) return;
  Cookie cookie;
  cookie.name = name;
  cookie.value = value;
  cookie.domain = lower_case(host_only ? host : attributes.domain);
  cookie.path = attributes.path.empty() ? default_path(from.path) : attributes.path;
  cookie.expires = attributes.max_age.value_or(attributes.expires.value_or(cookie.expires));
  cookie.host_only = host_only;
  cookie.secure = attributes.secure;
  keep(std::move(cookie), now);
}

void CookieJar::keep(Cookie cookie, sys_seconds now) {
  const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& known) {
    return known.name == cookie.name && known.domain == cookie.domain && known.path == cookie.path;
  });
  if (same != cookies_.end()) {
    if (cookie.expires <= now) {
      cookies_.erase(same);
    } else {
      *same = std::move(cookie);  // it keeps the place of the one that it replaces
    }
    return;
  }
  if (cookie.expires <= now) return;
  if (cookies_.size() == kMostCookies) std::erase_if(cookies_, [now](const Cookie& old) { return old.expires <= now; });
  if (cookies_.size() == kMostCookies) return;
  const auto behind = std::find_if(cookies_.begin(), cookies_.end(),
                                   [&](const Cookie& known) { return known.path.size() < cookie.path.size(); });
  cookies_.insert(behind, std::move(cookie));
}

void CookieJar::write(const Place& to, sys_seconds now, std::string& out) const {
  const std::string_view host = host_of(to.authority);
  const std::string_view path = without_query(to.path);
  bool first = true;
  for (const Cookie& cookie : cookies_) {
    if (cookie.expires <= now || (cookie.secure && !to.secure) || !path_matches(path, cookie.path)) continue;
    if (!(cookie.host_only ? same_host(host, cookie.domain) : domain_matches(host, cookie.domain))) continue;
    if (!first) out += "; ";
    first = false;
    out.append(cookie.name).append("=").append(cookie.value);
  }
}

}  // namespace loadlab
