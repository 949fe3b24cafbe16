#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

TEST(Url, is_split_into_host_port_and_base_path) {
  const Url url = parse_url("http://example.test:8080/api/v1/").value();
  EXPECT_EQ(url.text, "http://example.test:8080/api/v1/");
  EXPECT_EQ(url.host, "example.test");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.base_path, "/api/v1");
  EXPECT_EQ(url.authority(), "example.test:8080");
}

TEST(Url, has_port_80_and_no_base_path_unless_given) {
  const Url url = parse_url("http://127.0.0.1").value();
  EXPECT_EQ(url.port, 80);
  EXPECT_EQ(url.base_path, "");
  EXPECT_EQ(url.authority(), "127.0.0.1");
  EXPECT_EQ(parse_url("http://127.0.0.1/").value().base_path, "");
}

TEST(Url, ipv6_stands_in_brackets) {
  const Url url = parse_url("http://[::1]:8080").value();
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.authority(), "[::1]:8080");
  EXPECT_EQ(parse_url("http://[::1]").value().port, 80);
}

TEST(Url, https_has_a_port_of_its_own) {
  const Url url = parse_url("https://shop.test/api").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.authority(), "shop.test");
  EXPECT_EQ(parse_url("https://shop.test:80").value().authority(), "shop.test:80");
}

TEST(Url, a_unix_socket_is_a_path_with_a_base_behind_it) {
  const Url url = parse_url("unix:/run/app.sock:/api/").value();
  EXPECT_EQ(url.socket, "/run/app.sock");
  EXPECT_EQ(url.base_path, "/api");
  EXPECT_EQ(url.authority(), "localhost");
  EXPECT_TRUE(url.is_loopback());
  EXPECT_EQ(parse_url("unix:/run/app.sock").value().base_path, "");
}

TEST(Url, what_is_none_is_refused_with_a_reason) {
  const auto message = [](std::string_view text) {
    const auto url = parse_url(text);
    return url ? std::string("accepted") : url.error().message;
  };
  EXPECT_EQ(message("localhost:8080"), "'localhost:8080' is not a URL; write it as in http://127.0.0.1:8080");
  EXPECT_EQ(message("unix:app.sock"),
            "'unix:app.sock': expected the path of a socket, from / on and of at most 107 bytes, as in "
            "unix:/run/app.sock or unix:/run/app.sock:/base");
  EXPECT_NE(message("unix:/" + std::string(107, 's')), "accepted");
  EXPECT_NE(message("unix:/s:/a?b"), "accepted");
  EXPECT_EQ(message("http://"), "'http://' has no host");
  EXPECT_EQ(message("http://:80"), "'http://:80' has no host");
  EXPECT_EQ(message("http://a:"), "'http://a:': '' is not a port; expected a number from 1 to 65535");
  EXPECT_EQ(message("http://a:0"), "'http://a:0': '0' is not a port; expected a number from 1 to 65535");
  EXPECT_EQ(message("http://a:65536"), "'http://a:65536': '65536' is not a port; expected a number from 1 to 65535");
  EXPECT_EQ(message("http://a b/"), "'http://a b/': 'a b' is not a host name");
  EXPECT_EQ(message("http://me:secret@a/"),
            "'http://me:secret@a/' holds a user name; send it as a header 'Authorization' instead");
  EXPECT_EQ(message("http://[::1"), "'http://[::1': the '[' of an IPv6 address is not closed");
  EXPECT_EQ(message("http://[zz]"), "'http://[zz]' has no valid IPv6 address; write it as in http://[::1]:8080");
  EXPECT_EQ(message("http://a/b?c=1"),
            "'http://a/b?c=1': the URL of a target ends with its path; put the query into the steps");
  EXPECT_EQ(message("http://a/b c"), "'/b c' has a space; write it as %20");
}

}  // namespace
}  // namespace loadlab
