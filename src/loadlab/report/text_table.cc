#include "loadlab/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "loadlab/report/units.h"

namespace loadlab {

std::vector<std::string> shortened_apart(const std::vector<std::string>& names, std::size_t width) {
  std::map<std::string, std::string> short_of;
  std::set<std::string> taken;
  std::vector<std::string> shortened;
  for (const std::string& name : names) {
    auto [found, is_new] = short_of.try_emplace(name, shorten_middle(name, width));
    std::string& text = found->second;
    for (std::size_t number = 2; is_new && !taken.insert(text).second; ++number) {
      const std::string mark = fmt::format(" #{}", number);
      text = shorten_middle(name, width - std::min(width, mark.size())) + mark;
    }
    shortened.push_back(text);
  }
  return shortened;
}

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
  std::vector<std::string> names;
  for (const auto& row : rows_) names.push_back(row.front());
  names = shortened_apart(names, widths[0]);
  std::string text;
  for (std::size_t place = 0; place < rows_.size(); ++place) {
    const auto& row = rows_[place];
    text += indent;
    text += pad_right(names[place], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += "  " + pad_left(row[i], widths[i]);
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
