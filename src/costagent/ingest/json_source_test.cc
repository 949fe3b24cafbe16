#include "costagent/ingest/json_source.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

class JsonSourceTest : public BillFileTest {
 protected:
  static std::string focus(std::string_view billed, std::string_view more = "") {
    return R"({"BilledCost":)" + std::string(billed) +
           R"(,"BillingCurrency":"USD","ChargeCategory":"Usage","ChargePeriodStart":"2025-01-01T00:00:00Z","ServiceProviderName":"Vercel")" +
           std::string(more) + "}";
  }
};

TEST_F(JsonSourceTest, lines_arrays_and_documents_are_read_alike) {
  const std::string one = focus("1.5", R"(,"Tags":{"a":"b"},"EffectiveCost":1)");
  const std::string two = focus("2.25", R"(,"Tags":[{"key":"c","value":"d"}],"EffectiveCost":null)");
  std::string pretty = "[\n" + one + ",\n" + two + "\n]\n";
  for (std::size_t at = pretty.find(",\""); at != std::string::npos; at = pretty.find(",\"", at + 3))
    pretty.replace(at, 2, ",\r\n  \"");
  for (const std::string& text : {one + "\n" + two + "\n", one + "\r\n\r\n" + two, "\xEF\xBB\xBF" + one + "\n" + two,
                                  "[" + one + "," + two + "]", pretty, " \n[\n]" + std::string()}) {
    if (text.find('{') == std::string::npos) {
      EXPECT_NE(refusal(text).find("it is empty; expected objects"), std::string::npos);
      continue;
    }
    const ReadBill bill = read(text);
    ASSERT_EQ(bill.charges.size(), 2u) << text;
    EXPECT_EQ(bill.format, "FOCUS 1.3");
    EXPECT_EQ(bill.billed.to_string(), "3.75");
    EXPECT_EQ(bill.effective.to_string(), "3.25");
    EXPECT_EQ(bill.charges[0].tags, R"({"a":"b"})");
    EXPECT_EQ(bill.charges[1].tags, R"({"c":"d"})");
    EXPECT_EQ(bill.raw[0].find('\n'), std::string::npos);
  }
}

TEST_F(JsonSourceTest, a_spoilt_line_is_rejected_and_the_next_is_read) {
  const ReadBill bill =
      read(focus("1") + "\n" + focus("2").substr(0, 40) + "\n[1]\n" + focus("3", R"(,"BilledCost":4)") + "\n" +
           focus("5", R"(,"x":")"
                      "\\ud83d\\ude00\"") +
           "\n" + focus("\"six\"") + "\n7");
  EXPECT_EQ(bill.billed.to_string(), "6");
  EXPECT_EQ(bill.problems,
            (std::vector<std::string>{"it is no JSON object", "it is no JSON object", "a field stands in it twice",
                                      "BilledCost: 'six' is not a number this can hold exactly: expected digits, as in "
                                      "-12.50 or 1.25E-7",
                                      "it is no JSON object"}));
}

TEST_F(JsonSourceTest, an_older_name_stands_in_for_one_that_is_null) {
  const ReadBill bill = read(focus("1", R"(,"AmortizedCost":0.5,"EffectiveCost":null)") + "\n" +
                             focus("1", R"(,"AmortizedCost":0.5,"EffectiveCost":0.25)") + "\n" +
                             focus("1", R"(,"EffectiveCost":0.25,"AmortizedCost":0.5)") + "\n");
  EXPECT_EQ(bill.effective.to_string(), "1");
}

TEST_F(JsonSourceTest, a_document_that_breaks_off_or_is_none_is_refused) {
  const auto fails = [this](const std::string& text) {
    const auto reader = open_bill(file(text));
    if (!reader) return reader.error().message;
    Charge charge;
    BillLine line;
    for (;;) {
      const auto more = (*reader)->next(charge, line);
      if (!more) return more.error().message;
      if (!*more) return std::string();
    }
  };
  EXPECT_EQ(fails("[" + focus("1") + "]"), "");
  EXPECT_NE(fails("[" + focus("1")).find("its array has no end"), std::string::npos);
  EXPECT_NE(fails("[" + focus("1") + ",{").find("begins here that has no end"), std::string::npos);
  EXPECT_NE(fails("[" + focus("1") + ",x]").find("expected an object"), std::string::npos);
  EXPECT_NE(fails("[1]").find("expected an object"), std::string::npos);
  EXPECT_NE(fails("{\"a\":1,}").find("it is no JSON object"), std::string::npos);
  EXPECT_NE(fails("{\"a\":1}").find("no bill of a form that is known"), std::string::npos);
  EXPECT_NE(fails(R"({"assemblyId":"x","reportKeys":[]})").find("manifest"), std::string::npos);
}

TEST_F(JsonSourceTest, objects_may_lie_across_blocks_and_a_longest_is_a_mebibyte) {
  std::string text;
  const std::string padding(40'000, 'x');
  for (int i = 0; i < 20; ++i) text += focus("1", R"(,"x":")" + padding + "\"") + "\n";
  EXPECT_EQ(read(text).billed.to_string(), "20");
  std::replace(text.begin(), text.end(), '\n', ',');
  text.back() = ']';
  EXPECT_EQ(read("[" + text).billed.to_string(), "20");
  const auto reader = bill(focus("1") + "\n" + std::string(2 << 20, ' ') + "\n");
  Charge charge;
  BillLine line;
  EXPECT_TRUE(reader->next(charge, line).value());
  EXPECT_NE(reader->next(charge, line).error().message.find("longer than 1048576 bytes"), std::string::npos);
}

}  // namespace
}  // namespace costagent
