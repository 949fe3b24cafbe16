#include "costagent/ingest/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace costagent {
namespace {

constexpr std::size_t kFirstBuffer = 128 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(Source source) : source_(std::move(source)), buffer_(kFirstBuffer) {}

// Reads more behind what is there, moving the record at hand to the front first. False when there is no more.
base::Result<bool> CsvReader::fill() {
  if (source_ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= kMaxRecord) {
      return base::fail(base::ErrorKind::invalid,
                        "line {}: it is longer than {} bytes; is a quote never closed, or is this no CSV?", line_,
                        kMaxRecord);
    }
    buffer_.resize(std::min(2 * buffer_.size(), kMaxRecord));
  }
  const auto size = source_(buffer_.data() + end_, buffer_.size() - end_);
  if (!size) return base::pass_on(size);
  source_ended_ = *size == 0;
  end_ += *size;
  return !source_ended_;
}

// Sets record_end_ and next_begin_. False when there is no further record.
base::Result<bool> CsvReader::find_record_end() {
  std::size_t offset = 0;  // from begin_, which moves when more is read
  bool quoted = false;
  std::uint64_t lines = 0;
  for (;;) {
    const char* data = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    for (; offset < size; ++offset) {
      const char c = data[offset];
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\n') {
        ++lines;
        if (quoted) continue;
        record_end_ = begin_ + offset;
        next_begin_ = record_end_ + 1;
        next_line_ = line_ + lines;
        return true;
      }
    }
    const auto more = fill();
    if (!more) return base::pass_on(more);
    if (*more) continue;
    record_end_ = next_begin_ = end_;
    next_line_ = line_ + lines;
    return end_ > begin_;
  }
}

base::Result<bool> CsvReader::next(CsvRecord& record) {
  for (;;) {
    begin_ = next_begin_;
    line_ = next_line_;
    const auto found = find_record_end();
    if (!found) return base::pass_on(found);
    if (!*found) return false;
    std::string_view text(buffer_.data() + begin_, record_end_ - begin_);
    if (!started_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    started_ = true;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) continue;
    record.raw = text;
    record.line = line_;
    record.problem = split(text);
    if (fields_.size() > kMaxFields) {
      return base::fail(base::ErrorKind::invalid, "line {}: it has more than {} fields; is this a bill?", line_,
                        kMaxFields);
    }
    record.fields = fields_;
    return true;
  }
}

// Cuts a record into fields_. Returns what is wrong with it, or null.
const char* CsvReader::split(std::string_view text) {
  fields_.clear();
  unquoted_.clear();
  unquoted_.reserve(text.size());  // so that the views into it stay
  std::size_t at = 0;
  while (fields_.size() <= kMaxFields) {
    if (at < text.size() && text[at] == '"') {
      const std::size_t begin = ++at;
      bool doubled = false;
      std::size_t end = text.find('"', at);
      while (end != std::string_view::npos && end + 1 < text.size() && text[end + 1] == '"') {
        doubled = true;
        end = text.find('"', end + 2);
      }
      if (end == std::string_view::npos) return "a quote is never closed";
      std::string_view field = text.substr(begin, end - begin);
      if (doubled) {
        const std::size_t start = unquoted_.size();
        for (std::size_t i = 0; i < field.size(); ++i) {
          unquoted_ += field[i];
          if (field[i] == '"') ++i;
        }
        field = std::string_view(unquoted_).substr(start);
      }
      fields_.push_back(field);
      at = end + 1;
      if (at < text.size() && text[at] != ',') return "there is text between a closing quote and the next comma";
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      fields_.push_back(text.substr(at, end - at));
      at = end;
    }
    if (at >= text.size()) return nullptr;
    ++at;  // the comma
  }
  return nullptr;
}

}  // namespace costagent
