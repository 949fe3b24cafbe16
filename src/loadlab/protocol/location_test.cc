#include "loadlab/protocol/location.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

Redirection follow(std::string_view location, std::string_view from = "/shop/items/7?full=1") {
  Url target;
  target.text = "http://shop.test:8080/shop";
  target.host = "shop.test";
  target.port = 8080;
  target.base_path = "/shop";
  return redirection_of(location, from, target);
}

TEST(Location, leads_within_the_target_however_it_is_written) {
  EXPECT_EQ(follow("/login?next=%2F").path, "/login?next=%2F");
  EXPECT_EQ(follow("http://shop.test:8080/login").path, "/login");
  EXPECT_EQ(follow("http://SHOP.test:8080").path, "/");
  EXPECT_EQ(follow("http://shop.test:8080?a=b").path, "/?a=b");
  EXPECT_EQ(follow("//shop.test:8080/x").path, "/x");
  EXPECT_EQ(follow("8").path, "/shop/items/8");
  EXPECT_EQ(follow("?full=0").path, "/shop/items/7?full=0");
  EXPECT_EQ(follow("").path, "/shop/items/7?full=1");
  EXPECT_EQ(follow("../carts/./9?x=../y").path, "/shop/carts/9?x=../y");
  EXPECT_EQ(follow("../../../..").path, "/");
  EXPECT_EQ(follow("/a/b/..").path, "/a/");
  EXPECT_EQ(follow("  /x#fragment ").path, "/x");
  EXPECT_EQ(follow("/a b/\xc3\xa9").path, "/a%20b/%C3%A9");
}

TEST(Location, never_leads_to_another_host) {
  for (const char* location : {"http://other.test:8080/", "http://shop.test/", "http://shop.test:8081/", "//other.test",
                               "https://shop.test:8080/", "ftp://shop.test:8080/", "javascript:alert(1)",
                               "http://user@shop.test:8080/", "http://", "http:///x", "http:/x"}) {
    EXPECT_EQ(follow(location).fault, Fault::redirected_elsewhere) << location;
  }
}

TEST(Location, what_is_no_url_is_told_apart) {
  EXPECT_EQ(follow("/a\tb").fault, Fault::bad_redirect);
  EXPECT_EQ(follow(std::string("/a\0b", 4)).fault, Fault::bad_redirect);
  EXPECT_EQ(follow("/" + std::string(10'000, 'x')).fault, Fault::bad_redirect);
}

}  // namespace
}  // namespace loadlab
