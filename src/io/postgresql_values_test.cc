#include "io/postgresql_values.h"

#include <gtest/gtest.h>

namespace io {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

TEST(PostgresValues, stand_one_after_the_other_each_behind_its_length) {
  PostgresValues values;
  values.int16(-2).int32(1).int64(258).text("ab").boolean(true).null().real(1.5);
  EXPECT_EQ(values.count(), 7);
  EXPECT_EQ(hex(values.encoded()),
            "00000002fffe"
            "0000000400000001"
            "000000080000000000000102"
            "000000026162"
            "0000000101"
            "ffffffff"
            "000000083ff8000000000000");
}

TEST(PostgresValues, a_numeric_has_groups_of_four_digits_around_the_point) {
  const auto numeric = [](const char* digits) {
    PostgresValues values;
    return hex(values.numeric(digits).encoded()).substr(8);
  };
  // groups, place of the first, sign, digits behind the point, the groups
  EXPECT_EQ(numeric("0"), "0000000000000000");
  EXPECT_EQ(numeric("-0.00"), "0000000000000002") << "there is no zero below zero";
  EXPECT_EQ(numeric("12345.6789"),
            "0003000100000004"
            "0001"
            "0929"
            "1a85");
  EXPECT_EQ(numeric("-10000"),
            "0001000140000000"
            "0001")
      << "no zeros at the end";
  EXPECT_EQ(numeric("0.00000012"),
            "0001fffe00000008"
            "000c")
      << "nor in front";
  EXPECT_EQ(numeric("0.5"),
            "0001ffff00000001"
            "1388");
}

}  // namespace
}  // namespace io
