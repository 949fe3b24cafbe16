// Reads CSV (RFC 4180) record by record: quoted fields, doubled quotes, line ends within quotes, LF or CRLF, a byte
// order mark.
//
// Fields are views into the reader's own memory, which is one record long at the most; nothing is allocated a field.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace io {

// One record. Views hold until the next is read.
struct CsvRecord {
  std::span<const std::string_view> fields;
  std::string_view raw;           // as it stands in the file, without its line end
  std::uint64_t line = 0;         // of its first character, from 1
  const char* problem = nullptr;  // what is wrong with its quoting; then the fields mean nothing
  std::size_t problem_at = 0;     // in `raw`
};

class CsvReader {
 public:
  // Lines have some hundred bytes; a longer one is a quote that is never closed, or no CSV at all.
  static constexpr std::size_t kMaxRecord = std::size_t{1024} * 1024;
  static constexpr std::size_t kMaxFields = 1024;
  // Each quote that is never closed costs reading up to a record's greatest length twice: a hundred of them cost as
  // much as 100 MiB, and what has more is no CSV.
  static constexpr std::size_t kMaxOpenQuotes = 100;

  // Fills the buffer with up to `size` bytes and returns how many; 0 is the end.
  using Source = std::function<base::Result<std::size_t>(char* buffer, std::size_t size)>;

  explicit CsvReader(Source source);

  // The next record that isn't an empty line; false at the end. A quote that is never closed, within 1 MiB or at all,
  // spoils the line it opens on and no other. Fails as the source does, and with `invalid` when a line is longer than
  // 1 MiB, a record has more than 1,024 fields, or too many quotes are left open: there is no way to go on after that.
  base::Result<bool> next(CsvRecord& record);

 private:
  base::Result<bool> find_record_end();
  base::Result<bool> end_at_open_quote(std::size_t first_line_length);
  void end_record(std::size_t length, std::size_t line_end, std::uint64_t lines);
  base::Result<> skip_byte_order_mark();
  base::Result<bool> fill();
  void split(CsvRecord& record);

  Source source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;       // of the record at hand
  std::size_t end_ = 0;         // of what has been read
  std::size_t record_end_ = 0;  // one past the record's last character
  std::size_t next_begin_ = 0;  // of the record after it
  bool source_ended_ = false;
  bool started_ = false;
  std::uint64_t line_ = 1;       // of begin_
  std::uint64_t next_line_ = 1;  // of next_begin_
  std::size_t open_quotes_ = 0;
  std::vector<std::string_view> fields_;
  std::string unquoted_;  // fields whose doubled quotes had to be undone
};

}  // namespace io
