#include "loadlab/report/text_table.h"

#include <algorithm>

#include "loadlab/report/units.h"

namespace loadlab {

std::string TextTable::text(std::string_view indent) {
  std::vector<std::size_t> widths = widths_of_columns();
  const auto room_for_names = [&] {
    std::size_t figures = display_width(indent);
    for (std::size_t i = 1; i < widths.size(); ++i) figures += widths[i] + 2;
    return width_ > figures ? width_ - figures : 0;
  };
  // Names may be long, and are cut where that leaves enough to know them by; figures may not be cut.
  constexpr std::size_t kEnoughOfName = 15;
  for (const std::string_view heading : dispensable_) {
    if (room_for_names() >= std::min(widths[0], kEnoughOfName)) break;
    leave_out(heading);
    widths = widths_of_columns();
  }
  widths[0] = std::min(widths[0], std::max<std::size_t>(room_for_names(), 10));
  std::string text;
  for (const auto& row : rows_) {
    text += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? pad_right(shorten(row[i], widths[i]), widths[i]) : "  " + pad_left(row[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::vector<std::size_t> TextTable::widths_of_columns() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

void TextTable::leave_out(std::string_view heading) {
  const auto& headings = rows_.front();
  const auto column = std::find(headings.begin(), headings.end(), heading) - headings.begin();
  for (auto& row : rows_) {
    if (column < std::ssize(row)) row.erase(row.begin() + column);
  }
}

// Text in lines of at most `width` columns, the first behind `first`, the others behind as many spaces.
// A word that is longer goes beyond them, so that it can be copied whole.
std::string wrapped(std::string_view first, std::string_view text, std::size_t width) {
  // In a narrow terminal a long beginning would leave no room behind itself.
  constexpr std::size_t kUsualIndent = 4;
  std::size_t column = display_width(first);
  const std::string indent(3 * column <= width ? column : kUsualIndent, ' ');
  std::string out(first);
  bool has_word = false;  // on this line
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t size = display_width(word) + (has_word ? 1 : 0);
    if (column + size > width && (has_word || column > indent.size())) {
      out.erase(out.find_last_not_of(' ') + 1);
      out += "\n" + indent;
      column = indent.size();
    } else if (has_word) {
      out += ' ';
      ++column;
    }
    out += word;
    column += display_width(word);
    has_word = true;
  }
  return out + "\n";
}

}  // namespace loadlab
