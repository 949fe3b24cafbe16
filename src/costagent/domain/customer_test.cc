#include "costagent/domain/customer.h"

#include <gtest/gtest.h>

#include <string>

namespace costagent {
namespace {

TEST(Customer, ids_are_plain_words) {
  for (const char* id : {"acme", "customer-1", "A.b_c-9", "1"}) EXPECT_TRUE(check_customer(id)) << id;
  EXPECT_TRUE(check_customer(std::string(128, 'x')));
  for (const char* id : {"", "a b", "a/b", "é", "a\n", "'; DROP"}) EXPECT_FALSE(check_customer(id)) << id;
  EXPECT_FALSE(check_customer(std::string(129, 'x')));
  EXPECT_EQ(check_customer("").error().field, "customer_id");
}

}  // namespace
}  // namespace costagent
