#include "io/csv_reader.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

namespace io {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{128} * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The next comma, quote or line end at or after `offset`; `size` where there is none. Nearly all of a bill is none of
// these, and sixteen bytes are looked at as quickly as one.
std::size_t find_special(const char* data, std::size_t offset, std::size_t size) {
#ifdef __SSE2__
  const __m128i comma = _mm_set1_epi8(',');
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i line_end = _mm_set1_epi8('\n');
  for (; offset + 16 <= size; offset += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + offset));
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, comma), _mm_cmpeq_epi8(bytes, quote)),
                                       _mm_cmpeq_epi8(bytes, line_end));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found)); mask != 0)
      return offset + static_cast<std::size_t>(std::countr_zero(mask));
  }
#endif
  while (offset < size && data[offset] != ',' && data[offset] != '"' && data[offset] != '\n') ++offset;
  return offset;
}

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
  if (end_ == buffer_.size()) buffer_.resize(std::min(2 * buffer_.size(), kMaxRecord));
  const auto size = source_(buffer_.data() + end_, buffer_.size() - end_);
  if (!size) return base::pass_on(size);
  source_ended_ = *size == 0;
  end_ += *size;
  return !source_ended_;
}

base::Result<> CsvReader::skip_byte_order_mark() {
  while (end_ < kByteOrderMark.size()) {
    const auto more = fill();
    if (!more) return base::pass_on(more);
    if (!*more) break;
  }
  if (std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) next_begin_ = kByteOrderMark.size();
  return {};
}

void CsvReader::end_record(std::size_t length, std::size_t line_end, std::uint64_t lines) {
  record_end_ = begin_ + length;
  next_begin_ = record_end_ + line_end;
  next_line_ = line_ + lines;
}

// Sets record_end_ and next_begin_. False when there is no further record.
base::Result<bool> CsvReader::find_record_end() {
  // A quote opens only at the start of a field; within plain text it is a character like any other.
  enum class State { field_start, plain, quoted, after_quote };
  State state = State::field_start;
  std::size_t offset = 0;  // from begin_, which moves when more is read
  std::size_t first_line_length = 0;
  std::uint64_t lines = 0;
  for (;;) {
    const char* data = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    for (; offset < size; ++offset) {
      if (state == State::plain || state == State::quoted) {
        offset = find_special(data, offset, size);
        if (offset == size) break;
      }
      const char c = data[offset];
      if (c == '\n') {
        if (lines++ == 0) first_line_length = offset;
        if (state == State::quoted) continue;
        end_record(offset, 1, lines);
        return true;
      }
      if (state == State::quoted) {
        if (c == '"') state = State::after_quote;
      } else if (c == '"') {
        if (state != State::plain) state = State::quoted;
      } else {
        state = c == ',' ? State::field_start : State::plain;
      }
    }
    const bool full = size >= kMaxRecord;
    const auto more = full ? base::Result<bool>(false) : fill();
    if (!more) return base::pass_on(more);
    if (*more) continue;
    if (state == State::quoted && lines > 0) return end_at_open_quote(first_line_length);
    if (full) {
      return base::fail(base::ErrorKind::invalid, "line {}: it is longer than {} bytes; is this CSV?", line_,
                        kMaxRecord);
    }
    end_record(end_ - begin_, 0, lines);
    return end_ > begin_;
  }
}

// A quote that nothing closes must not take the lines behind it along: the record ends where its first line does, and
// what follows is read afresh.
base::Result<bool> CsvReader::end_at_open_quote(std::size_t first_line_length) {
  if (++open_quotes_ > kMaxOpenQuotes) {
    return base::fail(base::ErrorKind::invalid, "line {}: more than {} quotes before it are never closed; is this CSV?",
                      line_, kMaxOpenQuotes);
  }
  end_record(first_line_length, 1, 1);
  return true;
}

base::Result<bool> CsvReader::next(CsvRecord& record) {
  if (!started_) {
    if (const auto skipped = skip_byte_order_mark(); !skipped) return base::pass_on(skipped);
    started_ = true;
  }
  for (;;) {
    begin_ = next_begin_;
    line_ = next_line_;
    const auto found = find_record_end();
    if (!found) return base::pass_on(found);
    if (!*found) return false;
    std::string_view text(buffer_.data() + begin_, record_end_ - begin_);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) continue;
    record.raw = text;
    record.line = line_;
    split(record);
    if (fields_.size() > kMaxFields) {
      return base::fail(base::ErrorKind::invalid, "line {}: it has more than {} fields; is this CSV?", line_,
                        kMaxFields);
    }
    record.fields = fields_;
    return true;
  }
}

// Cuts a record into fields_, or says what is wrong with it.
void CsvReader::split(CsvRecord& record) {
  const std::string_view text = record.raw;
  const auto complain = [&record](const char* problem, std::size_t at) {
    record.problem = problem;
    record.problem_at = at;
  };
  record.problem = nullptr;
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
      if (end == std::string_view::npos) return complain("a quote is never closed", begin - 1);
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
      if (at < text.size() && text[at] != ',')
        return complain("there is text between a closing quote and the next comma", at);
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      fields_.push_back(text.substr(at, end - at));
      at = end;
    }
    if (at >= text.size()) return;
    ++at;  // the comma
  }
}

}  // namespace io
