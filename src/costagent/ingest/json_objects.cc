#include "costagent/ingest/json_objects.h"

#include <algorithm>
#include <cstring>

#include "costagent/ingest/json_cursor.h"

namespace costagent {
namespace {

using base::ErrorKind;

constexpr std::size_t kFirstBuffer = std::size_t{128} * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kArrays[] = {"invoice_items", "pending_charges"};

// Where the elements of an array begin that the text's object has under a known name, or 0.
std::size_t known_array(std::string_view text) {
  JsonCursor cursor(text);
  std::string_view key;
  if (!cursor.enter_object()) return 0;
  while (cursor.next_member(key)) {
    if (std::find(std::begin(kArrays), std::end(kArrays), key) != std::end(kArrays) &&
        cursor.peek() == JsonKind::array) {
      cursor.enter_array();
      return static_cast<std::size_t>(cursor.position() - text.data());
    }
    JsonValue value;
    if (!cursor.take(value)) break;
  }
  return 0;
}

bool is_object(std::string_view line) {
  JsonCursor cursor(line);
  JsonValue value;
  return cursor.peek() == JsonKind::object && cursor.take(value) && cursor.at_end();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

JsonObjects::JsonObjects(BillInput& input) : input_(input), buffer_(kFirstBuffer) {
  std::string_view text = input.beginning();
  if (text.starts_with(kByteOrderMark)) skipped_ = kByteOrderMark.size();
  text.remove_prefix(skipped_);
  const std::size_t array = known_array(text);
  skipped_ += array;
  in_array_ = array != 0;
  const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const std::size_t line_end = text.find('\n', first);
  // A first line that is longer than what is looked at is none of a document's, which are short.
  lines_ = !in_array_ && text.substr(first).starts_with('{') &&
           ((line_end == std::string_view::npos && text.size() + skipped_ == BillInput::kBeginning) ||
            is_object(text.substr(first, line_end - first)));
}

// Reads more behind what is there, moving that to the front first. False when there is no more.
base::Result<bool> JsonObjects::fill() {
  if (input_ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(std::min(2 * buffer_.size(), kMaxObject));
  const auto size = input_.read(buffer_.data() + end_, buffer_.size() - end_);
  if (!size) return base::pass_on(size);
  input_ended_ = *size == 0;
  end_ += *size;
  return !input_ended_;
}

base::Result<bool> JsonObjects::next(std::string_view& text, std::uint64_t& line) {
  if (!started_) {
    while (end_ < skipped_) {
      const auto more = fill();
      if (!more) return more;
    }
    line_ += static_cast<std::uint64_t>(
        std::count(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(skipped_), '\n'));
    begin_ = skipped_;
    started_ = true;
  }
  return lines_ ? next_line(text, line) : next_object(text, line);
}

base::Result<bool> JsonObjects::next_line(std::string_view& text, std::uint64_t& line) {
  for (;;) {
    std::size_t looked_at = 0;
    std::size_t length = 0;
    bool ended = false;
    for (;;) {
      const char* from = buffer_.data() + begin_ + looked_at;
      const auto* found = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_ - looked_at));
      if (found != nullptr) {
        length = static_cast<std::size_t>(found - (buffer_.data() + begin_));
        break;
      }
      looked_at = end_ - begin_;
      if (looked_at >= kMaxObject) {
        return base::fail(ErrorKind::invalid, "line {}: it is longer than {} bytes; is this JSON, one object a line?",
                          line_, kMaxObject);
      }
      const auto more = fill();
      if (!more) return more;
      if (*more) continue;
      if (looked_at == 0) return false;
      length = looked_at;
      ended = true;
      break;
    }
    text = {buffer_.data() + begin_, length};
    line = line_++;
    begin_ += length + (ended ? 0 : 1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (!text.empty()) return true;
  }
}

// Goes to the next object; false behind the last.
base::Result<bool> JsonObjects::find_object() {
  for (;;) {
    for (; begin_ < end_; ++begin_) {
      const char c = buffer_[begin_];
      if (c == '{') return true;
      if (c == '\n') ++line_;
      if (is_space(c) || c == ',') continue;
      if (c == ']' && in_array_) return drain();
      if (c != '[' || in_array_) return base::fail(ErrorKind::invalid, "line {}: expected an object", line_);
      in_array_ = true;
    }
    const auto more = fill();
    if (!more) return more;
    if (*more) continue;
    if (in_array_) return base::fail(ErrorKind::invalid, "line {}: its array has no end; was it copied whole?", line_);
    return false;
  }
}

// Reads what is left, as it belongs to what the file holds. False.
base::Result<bool> JsonObjects::drain() {
  in_array_ = false;
  for (;;) {
    begin_ = end_;
    const auto more = fill();
    if (!more || !*more) return more;
  }
}

// Of the object at begin_, which is whole in the buffer then.
base::Result<std::size_t> JsonObjects::object_length() {
  std::size_t offset = 0;
  int depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (;;) {
    const char* data = buffer_.data() + begin_;
    for (const std::size_t size = end_ - begin_; offset < size; ++offset) {
      const char c = data[offset];
      if (in_string) {
        in_string = escaped || c != '"';
        escaped = !escaped && c == '\\';
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return offset + 1;
      }
    }
    const bool full = offset >= kMaxObject;
    const auto more = full ? base::Result<bool>(false) : fill();
    if (!more) return base::pass_on(more);
    if (!*more) return base::fail(ErrorKind::invalid, "line {}: an object begins here that has no end", line_);
  }
}

base::Result<bool> JsonObjects::next_object(std::string_view& text, std::uint64_t& line) {
  const auto found = find_object();
  if (!found || !*found) return found;
  const auto length = object_length();
  if (!length) return base::pass_on(length);
  line = line_;
  for (char* c = buffer_.data() + begin_; c != buffer_.data() + begin_ + *length; ++c) {
    if (*c != '\n' && *c != '\r') continue;
    line_ += *c == '\n' ? 1 : 0;
    *c = ' ';  // strings have none
  }
  text = {buffer_.data() + begin_, *length};
  begin_ += *length;
  return true;
}

}  // namespace costagent
