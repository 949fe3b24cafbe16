#include "loadlab/plan/text_cutter.h"

#include <algorithm>

namespace loadlab {

bool TextCutter::next(TextPiece& piece) {
  if (done_ >= text_.size()) return false;
  const std::size_t open = std::min(text_.find(kReference, done_), text_.size());
  if (open == done_) {
    take_reference(piece);
    return true;
  }
  const bool escaped = open < text_.size() && text_[open - 1] == '$';
  if (escaped && open - 1 == done_) {
    piece = {TextPiece::Kind::literal, kReference, done_};
    done_ = open + kReference.size();
    return true;
  }
  const std::size_t end = escaped ? open - 1 : open;
  piece = {TextPiece::Kind::literal, text_.substr(done_, end - done_), done_};
  done_ = end;
  return true;
}

void TextCutter::take_reference(TextPiece& piece) {
  const std::size_t begin = done_ + kReference.size();
  piece = {TextPiece::Kind::unclosed, {}, begin};
  done_ = text_.size();
  std::size_t close = text_.find_first_of("()", begin);
  if (close == std::string_view::npos) return;
  const bool is_call = text_[close] == '(';
  std::size_t end = close;
  if (is_call) {
    close = text_.find(')', close);
    if (close == std::string_view::npos) return;
    end = close + 1;
    close = text_.find_first_not_of(' ', end);
    if (close == std::string_view::npos || text_[close] != ')') return;
  }
  piece = {is_call ? TextPiece::Kind::call : TextPiece::Kind::name, text_.substr(begin, end - begin), begin};
  done_ = close + 1;
}

}  // namespace loadlab
