#include "loadlab/protocol/cookie_jar.h"

#include <gtest/gtest.h>

#include "loadlab/protocol/cookie_date.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

constexpr sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 9h;

// A jar, and the place that it is used at unless another is said.
struct Jar {
  CookieJar jar;
  CookieJar::Place place{"shop.test:8080", "/orders/new?x=/y", false};

  void set(std::string_view cookie, sys_seconds now = kNow) { jar.take(cookie, place, now); }
  std::string sent(std::string_view path = "/orders/new", std::string_view authority = "shop.test:8080",
                   bool secure = false, sys_seconds now = kNow) const {
    std::string out;
    jar.write({authority, path, secure}, now, out);
    return out;
  }
};

TEST(CookieJar, sends_back_what_was_set_in_one_header) {
  Jar jar;
  jar.set("a=1");
  jar.set(" b = two words ; HttpOnly; SameSite=Strict; Unheard=of");
  jar.set("c=x=y");
  jar.set("d=");
  EXPECT_EQ(jar.sent(), "a=1; b=two words; c=x=y; d=");
}

TEST(CookieJar, passes_over_what_is_no_cookie) {
  Jar jar;
  for (const char* bad : {"", "a", "=1", " =1", ";a=1", "a; b=1", "a=\x01", "a=1; Path=/\x7F"}) jar.set(bad);
  EXPECT_EQ(jar.sent(), "");
}

TEST(CookieJar, replaces_a_cookie_of_the_same_name_domain_and_path_in_its_place) {
  Jar jar;
  jar.set("a=1; Path=/");
  jar.set("b=1; Path=/");
  jar.set("a=2; Path=/");
  jar.set("a=3; Path=/orders");
  jar.set("a=4; Path=/; Domain=shop.test");
  EXPECT_EQ(jar.sent(), "a=3; a=4; b=1");
  EXPECT_EQ(jar.jar.size(), 3u);
}

TEST(CookieJar, takes_out_what_has_expired_when_it_is_set) {
  for (const char* gone : {"Max-Age=0", "Max-Age=-5", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                           "Max-Age=-99999999999999999999", "Max-Age=0; Expires=Wed, 01 Jan 2200 00:00:00 GMT"}) {
    Jar jar;
    jar.set("a=1");
    jar.set("b=1");
    jar.set(std::string("a=; ") + gone);
    EXPECT_EQ(jar.sent(), "b=1") << gone;
    EXPECT_EQ(jar.jar.size(), 1u) << gone;
  }
}

TEST(CookieJar, sends_a_cookie_until_it_expires) {
  Jar jar;
  jar.set("a=1; Max-Age=60");
  jar.set("b=1; Expires=Sun, 01 Mar 2026 09:02:00 GMT");
  jar.set("c=1; Max-Age=180; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  jar.set("d=1; Max-Age=99999999999999999999999");
  jar.set("e=1; Max-Age=soon; Expires=someday");
  const auto at = [&](std::chrono::seconds after) { return jar.sent("/orders/new", "shop.test", false, kNow + after); };
  EXPECT_EQ(at(59s), "a=1; b=1; c=1; d=1; e=1");
  EXPECT_EQ(at(60s), "b=1; c=1; d=1; e=1");
  EXPECT_EQ(at(119s), "b=1; c=1; d=1; e=1");
  EXPECT_EQ(at(120s), "c=1; d=1; e=1");
  EXPECT_EQ(at(180s), "d=1; e=1");
}

TEST(CookieJar, of_an_attribute_given_twice_takes_the_last) {
  Jar jar;
  jar.set("a=1; Path=/elsewhere; path=/orders");
  jar.set("b=1; Max-Age=0; MAX-AGE=60");
  EXPECT_EQ(jar.sent(), "a=1; b=1");
}

TEST(CookieJar, sends_a_cookie_to_its_path_and_below) {
  Jar jar;
  jar.set("of_folder=1");
  jar.set("root=1; Path=/");
  jar.set("deep=1; Path=/orders/new");
  jar.set("no_path=1; Path=orders");
  jar.set("slash=1; Path=/orders/");
  EXPECT_EQ(jar.sent("/orders/new"), "deep=1; slash=1; of_folder=1; no_path=1; root=1");
  EXPECT_EQ(jar.sent("/orders/new/1?q=1"), "deep=1; slash=1; of_folder=1; no_path=1; root=1");
  EXPECT_EQ(jar.sent("/orders/newer"), "slash=1; of_folder=1; no_path=1; root=1");
  EXPECT_EQ(jar.sent("/orders?a=/orders/"), "of_folder=1; no_path=1; root=1");
  EXPECT_EQ(jar.sent("/ordersx"), "root=1");
  EXPECT_EQ(jar.sent("/"), "root=1");
  jar.place.path = "/login?next=/a/b";
  jar.set("top=1");
  EXPECT_EQ(jar.sent("/anywhere"), "root=1; top=1");
}

TEST(CookieJar, sends_a_cookie_to_its_host_or_with_a_domain_below_it_too) {
  Jar jar;
  jar.place.authority = "www.Shop.test";
  jar.set("own=1; Path=/");
  jar.set("own_too=1; Path=/; Domain=");
  jar.set("wide=1; Path=/; Domain=.SHOP.test");
  jar.set("same=1; Path=/; Domain=www.shop.test");
  jar.set("above=1; Path=/; Domain=a.www.shop.test");
  jar.set("other=1; Path=/; Domain=hop.test");
  EXPECT_EQ(jar.sent("/", "www.shop.TEST:81"), "own=1; own_too=1; wide=1; same=1");
  EXPECT_EQ(jar.sent("/", "shop.test"), "wide=1");
  EXPECT_EQ(jar.sent("/", "api.shop.test"), "wide=1");
  EXPECT_EQ(jar.sent("/", "a.www.shop.test"), "wide=1; same=1");
  EXPECT_EQ(jar.sent("/", "eshop.test"), "");
}

TEST(CookieJar, knows_no_domains_of_addresses) {
  Jar jar;
  jar.place.authority = "127.0.0.1:8080";
  jar.set("part=1; Domain=0.0.1");
  jar.set("whole=1; Domain=127.0.0.1");
  EXPECT_EQ(jar.sent("/orders/new", "127.0.0.1:9090"), "whole=1");
  jar.place.authority = "[::1]:8080";
  jar.set("six=1");
  EXPECT_EQ(jar.sent("/orders/new", "[::1]"), "six=1");
  EXPECT_EQ(jar.sent("/orders/new", "[::2]"), "");
}

TEST(CookieJar, sends_a_secure_cookie_over_tls_only) {
  Jar jar;
  jar.set("a=1; Secure");
  EXPECT_EQ(jar.sent("/orders/new", "shop.test", false), "");
  EXPECT_EQ(jar.sent("/orders/new", "shop.test", true), "a=1");
}

TEST(CookieJar, passes_over_what_goes_beyond_its_bounds) {
  Jar jar;
  jar.set("long=" + std::string(CookieJar::kLongestCookie - 4, 'x'));
  EXPECT_EQ(jar.jar.size(), 1u);
  jar.set("longer=" + std::string(CookieJar::kLongestCookie - 5, 'x'));
  jar.set("path=1; Path=/" + std::string(CookieJar::kLongestCookie, 'x'));
  EXPECT_EQ(jar.jar.size(), 1u);
  for (std::size_t i = 1; i < CookieJar::kMostCookies + 10; ++i) jar.set("c" + std::to_string(i) + "=1; Max-Age=60");
  EXPECT_EQ(jar.jar.size(), CookieJar::kMostCookies);
  jar.set("c1=2");
  EXPECT_NE(jar.sent().find("c1=2; c2=1;"), std::string::npos) << "what is there can still be replaced";
  jar.set("new=1", kNow + 60s);
  EXPECT_EQ(jar.jar.size(), 3u) << "what has expired makes room";
}

struct DateCase {
  const char* text;
  std::int64_t seconds;  // since 1970
};

TEST(CookieDate, is_read_in_all_forms_that_servers_write) {
  for (const DateCase& c : {DateCase{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
                            {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
                            {"Sun Nov  6 08:49:37 1994", 784111777},
                            {"6 NOVEMBER 1994 8:49:37", 784111777},
                            {"08:49:37 6 nov 94x", 784111777},
                            {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
                            {"01 Jan 69 00:00:00", 3124224000},
                            {"29 Feb 2024 23:59:59", 1709251199},
                            {"Mon, 01 Jan 1601 00:00:00 GMT", -11644473600},
                            {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799}}) {
    const auto date = parse_cookie_date(c.text);
    ASSERT_TRUE(date) << c.text;
    EXPECT_EQ(date->time_since_epoch().count(), c.seconds) << c.text;
  }
}

TEST(CookieDate, that_is_none_is_none) {
  for (const char* text : {"", "soon", "6 Nov 1994", "6 1994 08:49:37", "Nov 1994 08:49:37", "6 Nov 08:49:37",
                           "30 Feb 2024 00:00:00", "0 Nov 1994 08:49:37", "32 Nov 1994 08:49:37", "6 Nov 1600 08:49:37",
                           "6 Nov 1994 24:00:00", "6 Nov 1994 08:60:00", "6 Nov 1994 08:49:60", "6 Nov 1994 08:49",
                           "6 Nov 12345 08:49:37", "6 Nov 1994 008:49:37", "6 Nov 1 08:49:37"}) {
    EXPECT_FALSE(parse_cookie_date(text)) << text;
  }
}

}  // namespace
}  // namespace loadlab
