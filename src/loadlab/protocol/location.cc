#include "loadlab/protocol/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "loadlab/plan/http_text.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The scheme that a URL begins with, without its colon; empty if it is relative.
std::string_view scheme_of(std::string_view url) {
  const auto end = std::find_if_not(url.begin(), url.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  const auto length = static_cast<std::size_t>(end - url.begin());
  return end != url.end() && *end == ':' && length > 0 && is_letter(url[0]) ? url.substr(0, length)
                                                                            : std::string_view();
}

std::string_view without_query(std::string_view path) { return path.substr(0, path.find('?')); }

bool is_target(std::string_view scheme, std::string_view authority, const Url& target) {
  const auto url = parse_url(fmt::format("{}://{}", scheme, authority));
  return url && url->tls == target.tls && url->port == target.port &&
         same_header_name(url->host, target.host);  // names of hosts are compared in the same way
}

// Takes `.` and `..` away, as a server would not find them (RFC 3986, 5.2.4).
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  std::string_view rest = path.substr(1);
  for (bool more = true; more;) {
    const auto slash = rest.find('/');
    more = slash != std::string_view::npos;
    const std::string_view segment = rest.substr(0, slash);
    if (more) rest.remove_prefix(slash + 1);
    const bool up = segment == "..";
    if (up && !kept.empty()) kept.pop_back();
    if (!up && segment != ".") {
      kept.push_back(segment);
    } else if (!more) {
      kept.emplace_back();  // what ends with a dot names a folder
    }
  }
  return fmt::format("/{}", fmt::join(kept, "/"));
}

// What may not stand in a request's line as it is (RFC 9112, 3.2) becomes %XX, as browsers do it.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || static_cast<unsigned char>(c) >= 0x80) {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// The path and query of a URL without scheme and authority, seen from another.
std::string resolved(std::string_view reference, std::string_view from) {
  const std::string_view path = without_query(reference);
  const std::string_view query = reference.substr(path.size());
  if (reference.empty()) return std::string(from);
  if (path.empty()) return std::string(without_query(from)).append(query);
  if (path.starts_with('/')) return without_dots(path).append(query);
  const std::string_view base = without_query(from);
  return without_dots(std::string(base.substr(0, base.rfind('/') + 1)).append(path)).append(query);
}

}  // namespace

Redirection redirection_of(std::string_view location, std::string_view from, const Url& target) {
  std::string_view url = trimmed(location);
  if (std::any_of(url.begin(), url.end(), is_control)) return {Fault::bad_redirect};
  url = url.substr(0, url.find('#'));
  std::string_view scheme = scheme_of(url);
  if (!scheme.empty()) {
    url.remove_prefix(scheme.size() + 1);
    if (!url.starts_with("//")) return {Fault::redirected_elsewhere};
  } else {
    scheme = target.tls ? "https" : "http";
  }
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    const std::string_view authority = url.substr(0, url.find_first_of("/?"));
    if (!is_target(scheme, authority, target)) return {Fault::redirected_elsewhere};
    url.remove_prefix(authority.size());
    if (!url.starts_with('/')) return redirection_of(std::string("/").append(url), from, target);
  }
  Redirection redirection{Fault::none, encoded(resolved(url, from))};
  // Held to what a plan itself may ask for.
  if (problem_of_path(redirection.path)) return {Fault::bad_redirect};
  return redirection;
}

}  // namespace loadlab
