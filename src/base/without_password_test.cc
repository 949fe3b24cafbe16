#include "base/without_password.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(WithoutPassword, shows_who_and_where_only) {
  EXPECT_EQ(without_password("postgresql://app:s3cret@db:5432/shop"), "postgresql://app@db:5432/shop");
  EXPECT_EQ(without_password("redis://:s3cret@cache:6379/0"), "redis://@cache:6379/0");
  EXPECT_EQ(without_password("postgresql://app:s3@cr/et@db/shop"), "postgresql://app@db/shop");
  EXPECT_EQ(without_password("postgresql://db/shop?user=app&password=s3cret&sslmode=require"),
            "postgresql://db/shop?user=app&password=…&sslmode=require");
  EXPECT_EQ(without_password("http://host/metrics?token=s3cret"), "http://host/metrics?token=…");
}

TEST(WithoutPassword, knows_other_secrets_by_their_names) {
  EXPECT_EQ(without_password("postgresql://db/shop?sslpassword=s3cret"), "postgresql://db/shop?sslpassword=…");
  EXPECT_EQ(without_password("postgresql://db/shop?Password=s3cret"), "postgresql://db/shop?Password=…");
  EXPECT_EQ(without_password("http://h/m?api_key=s3cret&a=1#x"), "http://h/m?api_key=…&a=1#x");
  EXPECT_EQ(without_password("postgresql:host=db password=s3cret user=app"), "postgresql:host=db password=… user=app");
  EXPECT_EQ(without_password("redis:s3cret@h"), "redis@h");
  EXPECT_EQ(without_password("http://u:s3?cr#et@h/"), "http://u@h/");
}

TEST(WithoutPassword, what_others_say_of_a_url_holds_no_piece_of_it) {
  EXPECT_EQ(without_password_of("postgresql://u:s3cret/more@h/db", "invalid integer value \"s3cret\" for port"),
            "invalid integer value \"…\" for port");
  EXPECT_EQ(without_password_of("postgresql://u:s3@cret@h/db", "no host name \"cret@h\""), "no host name \"…@h\"");
  EXPECT_EQ(without_password_of("postgresql://u:s3c%zzret@h", "bad token: \"s3c%zzret\""), "bad token: \"…\"");
  EXPECT_EQ(without_password_of("postgresql://h?sslpassword=s3cret", "no option s3cret"), "no option …");
  EXPECT_EQ(without_password_of("postgresql://app@db/shop", "db is starting up"), "db is starting up");
}

TEST(WithoutPassword, leaves_all_else_alone) {
  for (const char* text : {"", "port:8080", "http://127.0.0.1:9100/metrics", "postgresql://app@db/shop", "a@b:c"})
    EXPECT_EQ(without_password(text), text);
}

}  // namespace
}  // namespace base
