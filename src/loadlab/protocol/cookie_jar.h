// A user's cookies, as RFC 6265 has a user agent keep them and send them back.
//
// Of public suffixes it knows nothing: it holds what one target sets, and gives it to no other. Pure, but for what it
// holds; not thread-safe, one user owns it. Whatever a server writes is either understood or passed over.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace loadlab {

class CookieJar {
 public:
  // More, or longer ones, are passed over. A server may count on no more (RFC 6265, 6.1), and of a test with thousands
  // of users each byte counts that many times. A cookie's length is that of its name, value, domain and path.
  static constexpr std::size_t kMostCookies = 50;
  static constexpr std::size_t kLongestCookie = 4096;

  // Where a request goes, or went.
  struct Place {
    std::string_view authority;  // `shop.test:8080`
    std::string_view path;       // with its query
    bool secure = false;         // over TLS
  };

  // Takes in the value of a Set-Cookie header of an answer from there: puts a cookie in, replaces one or takes it out.
  void take(std::string_view set_cookie, const Place& from, std::chrono::sys_seconds now);

  // Appends the value of the Cookie header that a request there has: `a=1; b=2`; nothing where none belongs there.
  void write(const Place& to, std::chrono::sys_seconds now, std::string& out) const;

  std::size_t size() const { return cookies_.size(); }

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string domain;  // in lower case
    std::string path;
    std::chrono::sys_seconds expires = std::chrono::sys_seconds::max();
    bool host_only = true;
    bool secure = false;
  };

  void keep(Cookie cookie, std::chrono::sys_seconds now);

  std::vector<Cookie> cookies_;  // in the order they are sent: longer paths first, of those the earlier one
};

}  // namespace loadlab
