#include "costagent/ingest/bill_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>

#include "costagent/ingest/bill_file.h"
#include "io/digest.h"

namespace costagent {
namespace {

constexpr std::string_view kFocusHeader =
    "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ServiceName,ProviderName";

using BillReaderTest = BillFileTest;

std::string gzipped(const std::string& text, const std::string& path) {
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  ::gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string zstd_packed(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

TEST_F(BillReaderTest, a_bill_is_known_by_what_it_holds_packed_or_not) {
  const std::string text = std::string(kFocusHeader) + "\n1.5,1,USD,Usage,2024-09-01,EC2,AWS\n";
  for (const std::string& bytes : {text, gzipped(text, (folder_ / "gz").string()), zstd_packed(text)}) {
    const auto reader = bill(bytes);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->kind(), BillKind::charges);
    EXPECT_EQ(reader->format(), "FOCUS 1.0");
    EXPECT_EQ(reader->header(), kFocusHeader);
    EXPECT_EQ(reader->beginning_digest(), io::sha256_hex(text));
    Charge charge;
    BillLine line;
    ASSERT_TRUE(reader->next(charge, line).value());
    EXPECT_FALSE(line.problem);
    EXPECT_EQ(line.raw, "1.5,1,USD,Usage,2024-09-01,EC2,AWS");
    EXPECT_EQ(line.number, 2);
    EXPECT_EQ(charge.billed_cost.to_string(), "1.5");
    ASSERT_FALSE(reader->next(charge, line).value());
    EXPECT_EQ(reader->digest(), io::sha256_hex(text));
    EXPECT_EQ(reader->progress(), 1);
  }
}

TEST_F(BillReaderTest, digests_tell_the_beginning_from_the_whole) {
  std::string text = std::string(kFocusHeader) + "\n";
  while (text.size() < 200'000) text += "1.5,1,USD,Usage,2024-09-01,EC2,AWS\n";
  const auto reader = bill(text);
  EXPECT_EQ(reader->beginning_digest(), io::sha256_hex(std::string_view(text).substr(0, 65536)));
  EXPECT_LT(reader->progress(), 1);
  Charge charge;
  BillLine line;
  while (reader->next(charge, line).value()) {
  }
  EXPECT_EQ(reader->digest(), io::sha256_hex(text));
}

TEST_F(BillReaderTest, a_wrong_line_is_told_and_the_next_is_read) {
  const auto reader = bill(std::string(kFocusHeader) +
                           "\n"
                           "twelve,1,USD,Usage,2024-09-01,EC2,AWS\n"
                           "1,1,USD\n"
                           "\"open,1,USD,Usage,2024-09-01,EC2,AWS\n"
                           "2,1,USD,Usage,2024-09-01,EC2,AWS\n");
  Charge charge;
  BillLine line;
  ASSERT_TRUE(reader->next(charge, line).value());
  ASSERT_TRUE(line.problem);
  EXPECT_EQ(line.problem->column, 0u);
  EXPECT_EQ(line.problem->column_name, "BilledCost");
  ASSERT_TRUE(reader->next(charge, line).value());
  ASSERT_TRUE(line.problem);
  EXPECT_EQ(line.problem->message, "it has 3 fields where the header has 7");
  ASSERT_TRUE(reader->next(charge, line).value());
  ASSERT_TRUE(line.problem);
  EXPECT_EQ(line.number, 4u);
  EXPECT_EQ(line.problem->message, "a quote is never closed");
  ASSERT_TRUE(reader->next(charge, line).value());
  EXPECT_FALSE(line.problem);
  EXPECT_FALSE(reader->next(charge, line).value());
}

TEST_F(BillReaderTest, tags_and_bytes_that_cannot_be_read_are_told_with_the_first_line) {
  const std::string header =
      "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ServiceName,ProviderName,Tags\n";
  const std::string line = "1,USD,Usage,2024-09-01,EC2,AWS,";
  const ReadBill bill =
      read(header + line + "\"{\"\"a\"\":\"\"\u00fc\"\"}\"\n" + line + "{broken\n" + line + "team=web\n" +
           "1,USD,Usage,2024-09-01,K\xf6ln,AWS,\n" + line + std::string(1, '\0') + "\n");
  EXPECT_EQ(bill.charges.size(), 5u);
  EXPECT_TRUE(
      bill.assumes("tags that can't be read as JSON are kept as the value of a tag without a name (3 lines, first 3)"));
  EXPECT_TRUE(bill.assumes("is the file in Latin-1? (1 line, number 5)"));
  EXPECT_TRUE(bill.assumes("a line has NUL bytes; is the file damaged? (1 line, number 6)"));
}

TEST_F(BillReaderTest, a_column_is_called_as_the_file_calls_it) {
  const auto problem = [](BillReader& reader) {
    Charge charge;
    BillLine line;
    EXPECT_TRUE(reader.next(charge, line).value());
    return line.problem ? line.problem->column_name : "none";
  };
  const std::string header =
      "line_item_line_item_type,line_item_unblended_cost,line_item_currency_code,line_item_usage_start_date,"
      "line_item_product_code,reservation_effective_cost,reservation_unused_amortized_upfront_fee_for_billing_period,"
      "reservation_unused_recurring_fee\n";
  EXPECT_EQ(problem(*bill(header + "DiscountedUsage,0,USD,2025-01-01T00:00:00Z,AmazonEC2,,,\n")),
            "reservation_effective_cost");
  EXPECT_EQ(
      problem(*bill(
          R"({"billed_cost":"x","BillingCurrency":"USD","ChargeCategory":"Usage","ChargePeriodStart":"2025-01-01"})")),
      "billed_cost");
}

TEST_F(BillReaderTest, what_is_no_bill_is_described_by_what_can_be_read) {
  EXPECT_NE(refusal("\x01\xff,ab,\x02\x03\n1,2,3\n").find("Vultr): it has ab"), std::string::npos);
  EXPECT_NE(refusal("\x01\xff,\x02\n1,2\n").find("it has no names that can be read"), std::string::npos);
  EXPECT_NE(refusal("InvoiceDetailId,InvoiceId,BilledCost,BillingCurrency\n").find("dataset Invoice Detail"),
            std::string::npos);
  EXPECT_NE(refusal("BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus\n").find("dataset Billing Period"),
            std::string::npos);
}

TEST_F(BillReaderTest, a_bill_without_line_ends_is_no_header) {
  const std::string header(kFocusHeader);
  const std::string line = "1,1,USD,Usage,2024-09-01,EC2,AWS";
  for (const std::string& lost : {header + line + line, header + "\r" + line + "\r", header + "\rnone\n"}) {
    const std::string said = refusal(lost);
    EXPECT_NE(said.find("curl -d drops them"), std::string::npos) << said;
    EXPECT_NE(said.find("CR alone"), std::string::npos) << said;
  }
  std::string huge = header;
  while (huge.size() < 100'000) huge += ",x_Column";
  EXPECT_NE(refusal(huge).find("of more than 65536 bytes"), std::string::npos);
  for (const std::string& empty : {header, header + "\r\n", header + "\n"}) EXPECT_TRUE(read(empty).charges.empty());
  EXPECT_EQ(read(header + "\r\n" + line + "\r\n").charges.size(), 1u);
}

TEST_F(BillReaderTest, what_is_missing_and_what_was_assumed_is_told) {
  const auto reader = bill(
      "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ServiceName,ProviderName,ListCost,x_Extra\n"
      "1,USD,Gift,2024-09-01,EC2,AWS,,\n"
      "1,USD,Gift,2024-09-01,EC2,AWS,,\n");
  Charge charge;
  BillLine line;
  while (reader->next(charge, line).value()) {
    EXPECT_FALSE(line.problem);
    EXPECT_EQ(charge.effective_cost.to_string(), "1");
  }
  const auto told = reader->assumptions();
  const auto has = [&told](std::string_view sentence) {
    return std::find(told.begin(), told.end(), sentence) != told.end();
  };
  EXPECT_TRUE(has("it has no EffectiveCost: the billed cost stands for it"));
  EXPECT_FALSE(has("it has no ListCost: the billed cost stands for it"));
  EXPECT_TRUE(has("a ChargeCategory that is none of FOCUS's counts as Adjustment (2 lines, first 2)"));
}

TEST_F(BillReaderTest, versions_of_focus_are_told_by_their_columns) {
  const auto version = [this](std::string_view more) {
    return bill(std::string(kFocusHeader) + "," + std::string(more) + "\n")->format();
  };
  EXPECT_EQ(version("SkuMeter"), "FOCUS 1.1");
  EXPECT_EQ(version("SkuMeter,InvoiceId"), "FOCUS 1.2");
  EXPECT_EQ(version("InvoiceId,ContractApplied"), "FOCUS 1.3");
  EXPECT_EQ(version("ContractApplied,InvoiceDetailId"), "FOCUS 1.4");
}

TEST_F(BillReaderTest, utilisation_is_known_by_its_columns) {
  const auto reader = bill("ResourceId,HourStart,CpuPercent\nvm-1,2025-01-02T05:00:00Z,12.5\n");
  ASSERT_EQ(reader->kind(), BillKind::utilisation);
  UtilisationSample sample;
  BillLine line;
  ASSERT_TRUE(reader->next(sample, line).value());
  EXPECT_EQ(sample.cpu_percent, 12.5);
}

TEST_F(BillReaderTest, byte_order_marks_and_carriage_returns_are_no_matter) {
  const auto reader = bill("\xEF\xBB\xBF" + std::string(kFocusHeader) + "\r\n1,1,USD,Usage,2024-09-01,EC2,AWS\r\n");
  EXPECT_EQ(reader->header(), kFocusHeader);
  Charge charge;
  BillLine line;
  ASSERT_TRUE(reader->next(charge, line).value());
  EXPECT_FALSE(line.problem);
  EXPECT_EQ(charge.provider, "AWS");
}

TEST_F(BillReaderTest, files_of_another_form_are_told_what_they_are) {
  EXPECT_NE(refusal("").find("it is empty"), std::string::npos);
  EXPECT_NE(refusal("PAR1\x15\x04").find("Parquet"), std::string::npos) << "whether it can be read here or not";
  EXPECT_NE(refusal("\xFF\xFE").find("it is UTF-16; save it as UTF-8"), std::string::npos);
  EXPECT_NE(refusal("BilledCost;EffectiveCost").find("separated by ';'; export it with ','"), std::string::npos);
  EXPECT_NE(refusal("BilledCost\tEffectiveCost").find("separated by tabs; export it with ','"), std::string::npos);
  EXPECT_NE(refusal("PK\x03\x04").find("spreadsheet"), std::string::npos);
  EXPECT_NE(refusal("name,age\nx,1\n").find("no bill of a form that is known"), std::string::npos);
  EXPECT_NE(refusal("BilledCost,ChargePeriodStart\n").find("lacks these columns: ChargeCategory"), std::string::npos);
}

}  // namespace
}  // namespace costagent
