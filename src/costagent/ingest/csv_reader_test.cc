#include "costagent/ingest/csv_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace costagent {
namespace {

// Gives the text away in pieces of `piece` bytes.
CsvReader::Source source_of(std::string text, std::size_t piece = SIZE_MAX) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* buffer,
                                                              std::size_t size) mutable -> base::Result<std::size_t> {
    const std::size_t taken = std::min({size, piece, text.size() - at});
    std::memcpy(buffer, text.data() + at, taken);
    at += taken;
    return taken;
  };
}

struct Read {
  std::vector<std::string> fields;
  std::string raw;
  std::uint64_t line;
  std::string problem;
};

std::vector<Read> read_all(const std::string& text, std::size_t piece = SIZE_MAX) {
  CsvReader reader(source_of(text, piece));
  std::vector<Read> records;
  CsvRecord record;
  for (;;) {
    const auto more = reader.next(record);
    EXPECT_TRUE(more) << more.error().message;
    if (!more || !*more) return records;
    records.push_back({{record.fields.begin(), record.fields.end()},
                       std::string(record.raw),
                       record.line,
                       record.problem != nullptr ? record.problem : ""});
  }
}

using Fields = std::vector<std::string>;

TEST(CsvReader, reads_quotes_commas_and_line_ends_within_them) {
  const std::string text =
      "a,b,c\r\n\"x,1\",\"say \"\"hi\"\"\",\"two\nlines\"\n,,\n\"\",\"\"\"\",plain \"quote\"\nlast,line,here";
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{3}}) {
    const auto records = read_all(text, piece);
    ASSERT_EQ(records.size(), 5u);
    EXPECT_EQ(records[0].fields, (Fields{"a", "b", "c"}));
    EXPECT_EQ(records[1].fields, (Fields{"x,1", "say \"hi\"", "two\nlines"}));
    EXPECT_EQ(records[1].raw, "\"x,1\",\"say \"\"hi\"\"\",\"two\nlines\"");
    EXPECT_EQ(records[2].fields, (Fields{"", "", ""}));
    EXPECT_EQ(records[3].fields, (Fields{"", "\"", "plain \"quote\""}));
    EXPECT_EQ(records[4].fields, (Fields{"last", "line", "here"}));
    EXPECT_EQ(records[2].line, 4u) << "lines are counted as an editor does";
    EXPECT_EQ(records[4].line, 6u);
  }
}

TEST(CsvReader, skips_a_byte_order_mark_and_empty_lines) {
  const auto records = read_all(
      "\xEF\xBB\xBF"
      "a,b\n\n\r\n1,2\n\n");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].fields, (Fields{"a", "b"}));
  EXPECT_EQ(records[1].line, 4u);
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\n\n\n").empty());
}

TEST(CsvReader, wrong_quoting_spoils_its_record_only) {
  const auto records = read_all("a,b\n\"x\"y,1\nfine,2\n\"open,3");
  ASSERT_EQ(records.size(), 4u);
  EXPECT_FALSE(records[1].problem.empty());
  EXPECT_EQ(records[2].fields, (Fields{"fine", "2"}));
  EXPECT_EQ(records[3].problem, "a quote is never closed");
}

TEST(CsvReader, a_record_without_end_is_an_error_with_its_line) {
  CsvReader reader(source_of("a,b\n1,\"" + std::string(2 * CsvReader::kMaxRecord, 'x')));
  CsvRecord record;
  ASSERT_TRUE(reader.next(record));
  const auto failed = reader.next(record);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("line 2"), std::string::npos) << failed.error().message;
}

TEST(CsvReader, too_many_fields_are_an_error) {
  CsvReader reader(source_of(std::string(CsvReader::kMaxFields, ',')));
  CsvRecord record;
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(read_all(std::string(CsvReader::kMaxFields - 1, ',')).at(0).fields.size(), CsvReader::kMaxFields);
}

}  // namespace
}  // namespace costagent
