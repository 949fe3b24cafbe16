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

TEST(WithoutPassword, leaves_all_else_alone) {
  for (const char* text : {"", "port:8080", "http://127.0.0.1:9100/metrics", "postgresql://app@db/shop", "a@b:c"})
    EXPECT_EQ(without_password(text), text);
}

}  // namespace
}  // namespace base
