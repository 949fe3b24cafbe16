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

TEST(PostgresValues, a_decimal_is_written_as_its_digits_are) {
  for (const char* digits :
       {"0", "1", "-1", "0.5", "-0.25", "10000", "12345.6789", "0.00000012", "1234567890123456789012", "-0.000000001",
        "99999999999999999999999999999999999999.999999999999999999999999999999999999", "9999.9999", "0.1",
        "-20000000000000000000.0000000000000000000000000000000001", "0.000000000000000000000000000000000001",
        "20.52022672899", "0.0000123400000000000000005"}) {
    PostgresValues from_text;
    PostgresValues from_decimal;
    from_text.numeric(digits);
    from_decimal.numeric(base::Decimal::parse_sum(digits).value());
    EXPECT_EQ(hex(from_decimal.encoded()), hex(from_text.encoded())) << digits;
  }
}

TEST(PostgresValues, an_array_counts_from_one_and_names_its_type) {
  const std::int64_t numbers[] = {-1, 2};
  const std::string_view bytes[] = {"a", ""};
  EXPECT_EQ(hex(PostgresValues().int64s(numbers).byte_strings(bytes).byte_strings({}).encoded()),
            "0000002c"
            "000000010000000000000014"
            "0000000200000001"
            "00000008ffffffffffffffff"
            "000000080000000000000002"
            "0000001d"
            "000000010000000000000011"
            "0000000200000001"
            "0000000161"
            "00000000"
            "0000000c"
            "000000000000000000000011");
}

TEST(PostgresValues, rows_become_a_list_for_each_column) {
  const PostgresValues rows[] = {std::move(PostgresValues().int64(-1).null()),
                                 std::move(PostgresValues().int64(2).bytes("a"))};
  constexpr std::uint32_t kTypes[] = {20, 17};
  EXPECT_EQ(hex(PostgresValues().columns(rows, kTypes).encoded()),
            "0000002c"
            "000000010000000100000014"
            "0000000200000001"
            "00000008ffffffffffffffff"
            "000000080000000000000002"
            "0000001d"
            "000000010000000100000011"
            "0000000200000001"
            "ffffffff"
            "0000000161");
  EXPECT_EQ(PostgresValues().columns(rows, kTypes).count(), 2);
}

}  // namespace
}  // namespace io
