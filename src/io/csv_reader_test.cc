#include "io/csv_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace io {
namespace {

// Gives the text away in pieces of `piece` bytes.
CsvReader::Source source_of(std::string text, std::size_t piece = SIZE_MAX) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* buffer,
                                                              std::size_t size) mutable -> base::Result<std::size_t> {
    const std::size_t taken = std::min({size, piece, text.size() - at});
    std::copy_n(text.data() + at, taken, buffer);
    at += taken;
    return taken;
  };
}

struct Read {
  std::vector<std::string> fields;
  std::string raw;
  std::uint64_t line;
  std::string problem;
  std::size_t problem_at;
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
                       record.problem != nullptr ? record.problem : "",
                       record.problem_at});
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
  EXPECT_EQ(records[1].problem_at, 3u) << "where the text begins that doesn't belong there";
  EXPECT_EQ(records[2].fields, (Fields{"fine", "2"}));
  EXPECT_EQ(records[3].problem, "a quote is never closed");
  EXPECT_EQ(records[3].problem_at, 0u);
}

TEST(CsvReader, a_quote_within_plain_text_opens_nothing) {
  const auto records = read_all("a,b\ndisk 5\",1\nfine,2\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].fields, (Fields{"disk 5\"", "1"}));
  EXPECT_EQ(records[2].fields, (Fields{"fine", "2"}));
}

TEST(CsvReader, a_quote_that_is_never_closed_spoils_its_line_only) {
  std::string text = "a,b\n1,\"open\n";
  for (int i = 0; i < 1000; ++i) text += "fine," + std::to_string(i) + "\n";
  const std::string long_enough = text + std::string(2 * CsvReader::kMaxRecord, '\n') + "last,line\n";
  for (const std::string& each : {text + "last,line\n", long_enough}) {
    const auto records = read_all(each, 1000);
    ASSERT_EQ(records.size(), 1003u);
    EXPECT_EQ(records[1].problem, "a quote is never closed");
    EXPECT_EQ(records[1].raw, "1,\"open");
    EXPECT_EQ(records[2].fields, (Fields{"fine", "0"}));
    EXPECT_EQ(records[2].line, 3u);
    EXPECT_EQ(records.back().fields, (Fields{"last", "line"}));
  }
}

TEST(CsvReader, a_file_of_open_quotes_is_given_up) {
  std::string text;
  while (text.size() < 3 * CsvReader::kMaxRecord) text += "x\",\"\n";  // each line closes a quote and opens another
  CsvReader reader(source_of(text));
  CsvRecord record;
  std::size_t spoilt = 0;
  base::Result<bool> more = reader.next(record);
  for (; more && *more; more = reader.next(record)) ++spoilt;
  ASSERT_FALSE(more);
  EXPECT_EQ(spoilt, CsvReader::kMaxOpenQuotes);
}

TEST(CsvReader, a_line_without_end_is_an_error_with_its_number) {
  for (const char* opening : {"", "\""}) {
    CsvReader reader(source_of("a,b\n1," + std::string(opening) + std::string(2 * CsvReader::kMaxRecord, 'x')));
    CsvRecord record;
    ASSERT_TRUE(reader.next(record));
    const auto failed = reader.next(record);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("line 2"), std::string::npos) << failed.error().message;
  }
}

TEST(CsvReader, the_first_name_may_be_quoted_behind_a_byte_order_mark) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
    const auto records = read_all("\xEF\xBB\xBF\"a,\nb\",c\n1,2\n", piece);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].fields, (Fields{"a,\nb", "c"}));
    EXPECT_EQ(records[1].line, 3u);
  }
}

TEST(CsvReader, too_many_fields_are_an_error) {
  CsvReader reader(source_of(std::string(CsvReader::kMaxFields, ',')));
  CsvRecord record;
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(read_all(std::string(CsvReader::kMaxFields - 1, ',')).at(0).fields.size(), CsvReader::kMaxFields);
}

}  // namespace
}  // namespace io
