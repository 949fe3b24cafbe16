#include "base/decimal.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace base {
namespace {

Decimal number(std::string_view text) {
  const auto parsed = Decimal::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Decimal());
}

TEST(Decimal, reads_every_form_a_bill_uses) {
  EXPECT_EQ(number("12.50").to_string(), "12.5");
  EXPECT_EQ(number("-0.25").to_string(), "-0.25");
  EXPECT_EQ(number("+3").to_string(), "3");
  EXPECT_EQ(number(".5").to_string(), "0.5");
  EXPECT_EQ(number("7.").to_string(), "7");
  EXPECT_EQ(number("0.00000080000").to_string(), "0.0000008");
  EXPECT_EQ(number("1.25E-7").to_string(), "0.000000125");
  EXPECT_EQ(number("1.0416666666666666E-05").to_string(), "0.000010416666666666666");
  EXPECT_EQ(number("12e3").to_string(), "12000");
  EXPECT_EQ(number("-0").to_string(), "0");
  EXPECT_EQ(number("999999999999999999.000000000000000000000000000000000001").to_string(),
            "999999999999999999.000000000000000000000000000000000001");
}

TEST(Decimal, refuses_what_it_cannot_hold_exactly) {
  for (const char* text : {"", "-", ".", "1,5", "0x1", "1e", "1e+", "1e99999", "--1", "1 ", "nan", "inf", "1.2.3",
                           "1e18", "1000000000000000000", "1e-37", "0.0000000000000000000000000000000000001"}) {
    EXPECT_FALSE(Decimal::parse(text)) << text;
  }
  EXPECT_TRUE(Decimal::parse("0e-300")) << "zero is zero at any scale";
}

TEST(Decimal, sums_are_exact_where_doubles_are_not) {
  Decimal sum;
  for (int i = 0; i < 10; ++i) sum += number("0.1");
  EXPECT_EQ(sum, number("1"));
  EXPECT_EQ(number("1e17") + number("1e-36"), number("100000000000000000.000000000000000000000000000000000001"));
}

TEST(Decimal, adding_then_taking_away_leaves_what_was_there) {
  Random random(7);
  std::vector<Decimal> numbers;
  Decimal sum;
  for (int i = 0; i < 2000; ++i) {
    const auto units = static_cast<std::int64_t>(random.below(2'000'001)) - 1'000'000;
    numbers.push_back(number(fmt::format("{}.{:014}", units, random.below(100'000'000'000'000))));
    sum += numbers.back();
  }
  for (const Decimal& n : numbers) sum -= n;
  EXPECT_TRUE(sum.is_zero()) << sum.to_string();
}

TEST(Decimal, text_and_back_is_the_same_number) {
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    const Decimal n = number(
        fmt::format("{}{}.{:018}", i % 2 ? "-" : "", random.below(1'000'000), random.below(1'000'000'000'000'000'000)));
    EXPECT_EQ(number(n.to_string()), n);
  }
}

TEST(Decimal, every_place_is_told_where_it_stands) {
  for (int place = 1; place <= Decimal::kPlaces; ++place) {
    const std::string text = "0." + std::string(static_cast<std::size_t>(place - 1), '0') + "7";
    EXPECT_EQ(number(text).to_string(), text);
    EXPECT_EQ((-number(text)).to_string(), "-" + text);
  }
  Decimal large = number("999999999999999999");
  for (int i = 0; i < 30; ++i) large += large;
  EXPECT_EQ(large.to_string(), "1073741823999999998926258176") << "beyond 64 bits";
}

TEST(Decimal, orders_by_value_across_zero) {
  const std::vector<std::string> ascending = {"-2", "-1.5", "-1", "-0.25", "0", "0.000001", "0.25", "1", "1.5"};
  for (std::size_t i = 1; i < ascending.size(); ++i) EXPECT_LT(number(ascending[i - 1]), number(ascending[i]));
  EXPECT_TRUE(number("-0.25").is_negative());
  EXPECT_FALSE(number("0").is_negative());
}

TEST(Decimal, doubles_are_the_nearest) {
  EXPECT_EQ(number("0.1").to_double(), 0.1);
  EXPECT_EQ(number("-20.52022672899").to_double(), -20.52022672899);
  EXPECT_EQ(Decimal::from_double(2.0 / 3, 4).to_string(), "0.6667");
  EXPECT_EQ(Decimal::from_double(-1.005, 0).to_string(), "-1");
  EXPECT_EQ(number("10").times(0.25).to_string(), "2.5");
}

}  // namespace
}  // namespace base
