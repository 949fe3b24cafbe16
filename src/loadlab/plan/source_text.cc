#include "loadlab/plan/source_text.h"

#include <algorithm>

namespace loadlab {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The bytes of the well-formed character at the front of `text`; 0 if there is none (The Unicode Standard 15.0, table
// 3-7).
std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

SourceText::SourceText(std::string_view text, int file) : text_(text), file_(file), line_starts_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % kBlock == 0) characters_before_block_.push_back(characters);
    if (!is_continuation(text[i])) ++characters;
    if (text[i] == '\n') line_starts_.push_back(i + 1);
  }
  if (text.size() % kBlock == 0) characters_before_block_.push_back(characters);
}

std::size_t SourceText::characters_before(std::size_t end) const {
  const std::size_t block = end / kBlock;
  const auto rest = text_.substr(block * kBlock, end - block * kBlock);
  const auto in_rest = std::count_if(rest.begin(), rest.end(), [](char c) { return !is_continuation(c); });
  return characters_before_block_[block] + static_cast<std::size_t>(in_rest);
}

std::size_t SourceText::offset(int line, int byte) const {
  const auto index = std::min<std::size_t>(static_cast<std::size_t>(std::max(0, line)), line_starts_.size() - 1);
  return std::min(text_.size(), line_starts_[index] + static_cast<std::size_t>(std::max(0, byte)));
}

Position SourceText::position(int line, int byte) const {
  const std::size_t end = offset(line, byte);
  const auto next_line = std::upper_bound(line_starts_.begin(), line_starts_.end(), end);
  const std::size_t start = *(next_line - 1);
  const std::size_t characters = characters_before(end) - characters_before(start);
  return {static_cast<int>(next_line - line_starts_.begin()), static_cast<int>(characters) + 1, file_};
}

bool SourceText::closes(std::size_t quote_at) const {
  const char quote = text_[quote_at];
  for (std::size_t i = quote_at + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && quote == '"') {
      ++i;
    } else if (text_[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote;
      if (!doubled) return true;
      ++i;
    }
  }
  return false;
}

SourceText::ScalarPlace SourceText::locate(int line, int byte, std::string_view value) const {
  std::size_t start = offset(line, byte);
  ScalarPlace place{position(line, byte)};
  if (start < text_.size() && (text_[start] == '"' || text_[start] == '\'')) {
    if (!closes(start)) {
      place.unclosed_quote = true;
      return place;
    }
    if (text_.substr(start + 1, value.size()) != value) return place;
    return {position(line, byte + 1), true, false};
  }
  place.verbatim = text_.substr(start, value.size()) == value;
  return place;
}

std::optional<Position> SourceText::first_not_text() const {
  for (std::size_t i = 0; i < text_.size();) {
    const std::size_t length = character_length(text_.substr(i));
    if (length == 0) {
      const auto next_line = std::upper_bound(line_starts_.begin(), line_starts_.end(), i);
      const std::size_t start = *(next_line - 1);
      return position(static_cast<int>(next_line - line_starts_.begin()) - 1, static_cast<int>(i - start));
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace loadlab
