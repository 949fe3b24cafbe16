#include "costagent/ingest/json_cursor.h"

#include <array>
#include <cassert>

#include <fmt/format.h>

#include "base/printable.h"

namespace costagent {
namespace {

// The bytes at which reading a string has to stop: its end, an escape, and what must be escaped.
constexpr auto kStops = [] {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = stops['\\'] = true;
  return stops;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The value of four hexadecimal digits, or -1.
int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    int digit = 0;
    if (is_digit(c)) {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(unsigned code, std::string& to) {
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0 | (code >> 6));
    to += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    to += static_cast<char>(0xE0 | (code >> 12));
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    to += static_cast<char>(0xF0 | (code >> 18));
    to += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
  }
}

constexpr unsigned kReplacement = 0xFFFD;

// The character of a \u escape, whose digits begin `rest`; takes them off, and those of a pair's second half.
unsigned take_unicode(std::string_view& rest) {
  const int first = hex4(rest);
  if (first < 0) return kReplacement;
  rest.remove_prefix(4);
  if (first < 0xD800 || first > 0xDFFF) return static_cast<unsigned>(first);
  if (first > 0xDBFF || !rest.starts_with("\\u")) return kReplacement;
  const int second = hex4(rest.substr(2));
  if (second < 0xDC00 || second > 0xDFFF) return kReplacement;
  rest.remove_prefix(6);
  return 0x10000 + ((static_cast<unsigned>(first) - 0xD800) << 10) + (static_cast<unsigned>(second) - 0xDC00);
}

}  // namespace

void JsonCursor::skip_space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

bool JsonCursor::at_end() {
  skip_space();
  return at_ == end_;
}

JsonKind JsonCursor::peek() {
  if (at_end()) return JsonKind::null;
  switch (*at_) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return *at_ == '-' || is_digit(*at_) ? JsonKind::number : JsonKind::null;
  }
}

bool JsonCursor::take(JsonValue& value) {
  if (!ok_) return false;
  value.kind = peek();
  const char* begin = at_;
  switch (value.kind) {
    case JsonKind::string:
      return take_string(value.raw);
    case JsonKind::number:
      if (!take_number()) return false;
      break;
    case JsonKind::array:
    case JsonKind::object:
      if (!skip_container()) return false;
      break;
    case JsonKind::boolean:
      if (!take_word(*at_ == 't' ? "true" : "false")) return false;
      break;
    case JsonKind::null:
      if (!take_word("null")) return false;
      break;
  }
  value.raw = {begin, static_cast<std::size_t>(at_ - begin)};
  return true;
}

bool JsonCursor::take_word(std::string_view word) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return wrong();
  at_ += word.size();
  return true;
}

bool JsonCursor::take_number() {
  const auto digits = [this] {
    const char* begin = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != begin;
  };
  if (*at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;  // nothing may follow a leading zero
  } else if (!digits()) {
    return wrong();
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return wrong();
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return wrong();
  }
  return true;
}

bool JsonCursor::take_string(std::string_view& raw) {
  const char* begin = ++at_;
  for (;;) {
    while (at_ != end_ && !kStops[static_cast<unsigned char>(*at_)]) ++at_;
    if (at_ == end_) return wrong();
    if (*at_ == '"') break;
    if (*at_ != '\\' || end_ - at_ < 2) return wrong();
    const char escaped = at_[1];
    if (escaped == 'u') {
      if (hex4({at_ + 2, static_cast<std::size_t>(end_ - at_ - 2)}) < 0) return wrong();
      at_ += 6;
    } else if (std::string_view("\"\\/bfnrt").find(escaped) != std::string_view::npos) {
      at_ += 2;
    } else {
      return wrong();
    }
  }
  raw = {begin, static_cast<std::size_t>(at_ - begin)};
  ++at_;
  return true;
}

// Goes over an object or an array, and all that is in it.
bool JsonCursor::skip_container() {
  const int depth = depth_;
  std::uint64_t objects = 0;  // a bit for each level: it is an object and no array
  bool entered = *at_ == '{' ? enter_object() : enter_array();
  if (entered && at_[-1] == '{') objects |= std::uint64_t{1} << depth_;
  while (ok_ && depth_ > depth) {
    std::string_view key;
    const bool object = (objects >> depth_ & 1) != 0;
    if (!(object ? next_member(key) : next_element())) continue;  // left it, or something is wrong
    const JsonKind kind = peek();
    JsonValue value;
    if (kind == JsonKind::object) {
      if (enter_object()) objects |= std::uint64_t{1} << depth_;
    } else if (kind == JsonKind::array) {
      if (enter_array()) objects &= ~(std::uint64_t{1} << depth_);
    } else {
      take(value);
    }
  }
  return ok_;
}

bool JsonCursor::enter(char open) {
  if (!ok_) return false;
  skip_space();
  if (at_ == end_ || *at_ != open || depth_ == kMostDepth) return wrong();
  ++at_;
  ++depth_;
  first_ |= std::uint64_t{1} << depth_;
  return true;
}

bool JsonCursor::enter_object() { return enter('{'); }
bool JsonCursor::enter_array() { return enter('['); }

// Goes to the next member, or leaves behind the last.
bool JsonCursor::next_of(char close) {
  if (!ok_) return false;
  assert(depth_ > 0);
  skip_space();
  if (at_ == end_) return wrong();
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  if (*at_ == close) {
    ++at_;
    first_ &= ~bit;
    --depth_;
    return false;
  }
  if ((first_ & bit) != 0) {
    first_ &= ~bit;
    return true;
  }
  if (*at_ != ',') return wrong();
  ++at_;
  skip_space();
  if (at_ == end_ || *at_ == close) return wrong();
  return true;
}

bool JsonCursor::next_member(std::string_view& key) {
  if (!next_of('}')) return false;
  skip_space();
  if (at_ == end_ || *at_ != '"') return wrong();
  if (!take_string(key)) return false;
  skip_space();
  if (at_ == end_ || *at_ != ':') return wrong();
  ++at_;
  return true;
}

bool JsonCursor::next_element() { return next_of(']'); }

void append_unescaped(std::string_view raw, std::string& to) {
  while (!raw.empty()) {
    const std::size_t escape = std::min(raw.find('\\'), raw.size());
    to.append(raw.substr(0, escape));
    raw.remove_prefix(escape);
    if (raw.size() < 2) return;
    const char kind = raw[1];
    raw.remove_prefix(2);
    switch (kind) {
      case 'u':
        append_utf8(take_unicode(raw), to);
        break;
      case 'b':
        to += '\b';
        break;
      case 'f':
        to += '\f';
        break;
      case 'n':
        to += '\n';
        break;
      case 'r':
        to += '\r';
        break;
      case 't':
        to += '\t';
        break;
      default:
        to += kind;
    }
  }
}

void append_json_string(std::string_view text, std::string& to) {
  bool plain = true;
  for (const char c : text) {
    if (kStops[static_cast<unsigned char>(c)] || static_cast<unsigned char>(c) >= 0x80) plain = false;
  }
  to += '"';
  if (plain) {
    to += text;
  } else {
    for (const char c : base::valid_utf8(text)) {
      if (c == '"' || c == '\\') {
        to += '\\';
        to += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        to += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        to += c;
      }
    }
  }
  to += '"';
}

std::string_view text_of(const JsonValue& value, std::string& room) {
  if (value.kind == JsonKind::null) return {};
  if (value.kind != JsonKind::string || value.raw.find('\\') == std::string_view::npos) return value.raw;
  const std::size_t begin = room.size();
  assert(room.capacity() - begin >= value.raw.size());
  append_unescaped(value.raw, room);
  return std::string_view(room).substr(begin);
}

}  // namespace costagent
