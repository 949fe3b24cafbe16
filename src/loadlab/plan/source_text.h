// The text of a file by lines: from the bytes that a parser counts to the characters that a person counts.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"

namespace loadlab {

// Views the text, which must outlive it.
class SourceText {
 public:
  // `file` is the number of all its positions.
  explicit SourceText(std::string_view text, int file = 0);

  // Of a byte, by its line and its offset in the line, both from 0. What lies outside is moved to the nearest end.
  Position position(int line, int byte) const;

  struct ScalarPlace {
    Position at;
    bool verbatim = false;        // the value stands there just as it is
    bool unclosed_quote = false;  // it begins with a quote that nothing closes
  };
  // Where the value of the scalar that begins at that byte stands: behind its quote, if it has one.
  ScalarPlace locate(int line, int byte, std::string_view value) const;

  // The first place that isn't well-formed UTF-8, or holds a NUL.
  std::optional<Position> first_not_text() const;

 private:
  // A file may be one long line: counting from its start for every node would take quadratic time, so counts are kept
  // at the start of every block of this many bytes.
  static constexpr std::size_t kBlock = 256;

  std::size_t characters_before(std::size_t end) const;
  std::size_t offset(int line, int byte) const;
  bool closes(std::size_t quote_at) const;

  std::string_view text_;
  int file_;
  std::vector<std::size_t> line_starts_;
  std::vector<std::size_t> characters_before_block_;
};

}  // namespace loadlab
