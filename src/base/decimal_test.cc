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
}

TEST(Decimal, sums_are_read_back_beyond_what_a_bill_may_say) {
  EXPECT_FALSE(Decimal::parse("1000000000000000000"));
  EXPECT_FALSE(Decimal::parse_sum("1" + std::string(38, '0')));
  Random random(5);
  for (int digits = 1; digits <= 38; ++digits) {
    std::string text = digits % 2 ? "-" : "";
    text += static_cast<char>('1' + random.below(9));
    for (int i = 1; i < digits; ++i) text += static_cast<char>('0' + random.below(10));
    text += ".000000000000000000000000000000000007";
    const auto sum = Decimal::parse_sum(text);
    ASSERT_TRUE(sum) << text;
    EXPECT_EQ(sum->to_string(), text);
  }
}

TEST(Decimal, a_share_is_exact_to_the_place_it_is_rounded_at) {
  EXPECT_EQ(number("1000000000000000").scaled(1, 90, 4).to_string(), "11111111111111.1111");
  EXPECT_EQ(number("2").scaled(1, 3, 36).to_string(), "0.666666666666666666666666666666666667");
  EXPECT_EQ(number("-2").scaled(1, 3, 2).to_string(), "-0.67");
  EXPECT_EQ(number("999999999999999999.99").scaled(487, 16, 2).to_string(), "30437499999999999999.7");
  EXPECT_EQ(number("1").scaled(1, 1'000'000, 36).to_string(), "0.000001");
}

TEST(Decimal, halves_go_to_the_even_digit) {
  for (const auto& [text, rounded] : {std::pair{"0.5", "0"}, {"1.5", "2"}, {"2.5", "2"}, {"-0.5", "0"}, {"-1.5", "-2"}})
    EXPECT_EQ(number(text).scaled(1, 1, 0).to_string(), rounded) << text;
  EXPECT_EQ(number("0.25").scaled(1, 1, 1).to_string(), "0.2");
  EXPECT_EQ(number("0.250000000000000000000000000000000001").scaled(1, 1, 1).to_string(), "0.3");
  EXPECT_EQ(number("1.5").scaled(1, 3, 0).to_string(), "0") << "a half that is exact";
  EXPECT_EQ(number("0.000000000000000000000000000000000003").scaled(1, 2, 36).to_string(),
            "0.000000000000000000000000000000000002");
  EXPECT_EQ(number("0.999").scaled(1, 1, 2).to_string(), "1");
}

TEST(Decimal, a_share_taken_as_often_as_it_was_divided_is_the_whole_but_for_the_rounding) {
  const auto times = [](const Decimal& value, int count) {
    Decimal sum;
    for (int i = 0; i < count; ++i) sum += value;
    return sum;
  };
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const Decimal value =
        number(fmt::format("{}{}.{:018}", i % 2 ? "-" : "", random.below(1'000'000), random.below(1'000'000'000)));
    const int numerator = 1 + static_cast<int>(random.below(40));
    const int denominator = 1 + static_cast<int>(random.below(40));
    Decimal off = times(value.scaled(numerator, denominator, 6), denominator) - times(value, numerator);
    if (off.is_negative()) off = -off;
    EXPECT_LE(off + off, times(number("0.000001"), denominator)) << value.to_string();
  }
}

TEST(Decimal, figures_on_either_side_of_what_64_bits_hold_are_read_alike) {
  for (const int units : {1, 17, 18}) {
    for (const int places : {1, 17, 18, 19, 35, 36}) {
      for (const char digit : {'1', '9'}) {
        std::string text(static_cast<std::size_t>(units), digit);
        text += '.' + std::string(static_cast<std::size_t>(places - 1), '0') + digit;
        EXPECT_EQ(number(text).to_string(), text);
        EXPECT_EQ(number("-" + text).to_string(), "-" + text);
        EXPECT_EQ(number(text) - number(text.substr(0, text.find('.'))), number("0" + text.substr(text.find('.'))));
        EXPECT_EQ(number(text + "e0"), number(text)) << "by the way that takes exponents";
        EXPECT_EQ(number("000000000000000000000" + text), number(text));
      }
    }
  }
  EXPECT_EQ(number("0.1000000000000000000000").to_string(), "0.1") << "zeros at the end are no digits";
  for (const char* wrong : {"+", "-.", "1..2", "1.2-", "123456789012345678901234567890", "0.5x"})
    EXPECT_FALSE(Decimal::parse(wrong)) << wrong;
}

TEST(Decimal, products_are_exact_or_none) {
  const auto product = [](std::string_view left, std::string_view right) {
    const auto exact = number(left).times(number(right));
    return exact ? exact->to_string() : "none";
  };
  EXPECT_EQ(product("0.4", "0.027265128"), "0.0109060512");
  EXPECT_EQ(product("-1.5", "2"), "-3");
  EXPECT_EQ(product("-0.01", "-5.99772E-07"), "0.00000000599772");
  EXPECT_EQ(product("0", "-3"), "0");
  EXPECT_EQ(product("999999999999999999", "999999999999999999"), "999999999999999998000000000000000001");
  EXPECT_EQ(product("0.999999999999999999", "0.999999999999999999"), "0.999999999999999998000000000000000001");
  EXPECT_EQ(product("1e-19", "1e-17"), "0.000000000000000000000000000000000001");
  EXPECT_EQ(product("1e-19", "1e-18"), "none") << "37 places";
  EXPECT_EQ(product("1.000000000000000001", "1"), "none") << "19 digits";
  Random random(13);
  for (int i = 0; i < 500; ++i) {
    const auto units = static_cast<std::int64_t>(random.below(1'000'000'000));
    const auto other = static_cast<std::int64_t>(random.below(1'000'000'000));
    EXPECT_EQ(product(fmt::format("{}e-7", units), fmt::format("{}e-9", other)),
              number(fmt::format("{}e-16", units * other)).to_string());
  }
}

TEST(Decimal, its_parts_make_it_again) {
  for (const char* text : {"0", "-0.25", "3", "-7", "12.5", "-99999999999999999999999999999999999999.000001"}) {
    const Decimal value = Decimal::parse_sum(text).value();
    const Decimal::Parts parts = value.parts();
    EXPECT_GE(parts.units, 0);
    EXPECT_GE(parts.fraction, 0);
    EXPECT_EQ(parts.negative, value.is_negative());
    EXPECT_EQ(Decimal::from_parts(parts).to_string(), text);
  }
  EXPECT_EQ(Decimal::from_parts({true, 0, 0}), Decimal());
}

}  // namespace
}  // namespace base
