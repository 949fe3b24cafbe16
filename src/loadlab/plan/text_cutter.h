// Cuts a text of a plan into literals and what stands in `$(…)`.
#pragma once

#include <cstddef>
#include <string_view>

namespace loadlab {

// What a reference begins with.
inline constexpr std::string_view kReference = "$(";

struct TextPiece {
  enum class Kind {
    literal,   // stands for itself; `$$(` for a literal `$(`
    name,      // `$(name)`
    call,      // `$(name(arguments))`
    unclosed,  // `$(` whose `)` is missing; then there are no more pieces
  };
  Kind kind = Kind::literal;
  std::string_view text;  // without `$(` and its `)`
  std::size_t at = 0;     // of the text within the whole
};

class TextCutter {
 public:
  explicit TextCutter(std::string_view text) : text_(text) {}

  // The next piece, which is a view into the text; false at its end.
  bool next(TextPiece& piece);

 private:
  void take_reference(TextPiece& piece);

  std::string_view text_;
  std::size_t done_ = 0;
};

}  // namespace loadlab
