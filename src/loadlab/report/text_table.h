// Tables and paragraphs for a terminal.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace loadlab {

// Each in at most `width` columns, cut in the middle where it is longer. Those that differ stay different, if by no
// more than a number: `GET /custo…rders`, `GET /custo…ers #2`. `width` has room for that.
std::vector<std::string> shortened_apart(const std::vector<std::string>& names, std::size_t width);

// A table whose columns are as wide as they need be; the first is to the left, the others to the right. Where they
// don't fit, columns are left out, and the names in the first are cut.
class TextTable {
 public:
  // `dispensable`: the headings of the columns that may be left out, the first of them first.
  TextTable(std::size_t width, std::initializer_list<std::string_view> dispensable)
      : width_(width), dispensable_(dispensable) {}

  // Rows may end before the last column. The first are the headings.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // There is at least the row of headings.
  std::string text(std::string_view indent);

 private:
  std::vector<std::size_t> widths_of_columns() const;
  void leave_out(std::string_view heading);

  std::size_t width_;
  std::vector<std::string_view> dispensable_;
  std::vector<std::vector<std::string>> rows_;
};

// Text in lines of at most `width` columns, the first behind `first`, the others behind as many spaces.
// A word that is longer goes beyond them, so that it can be copied whole.
std::string wrapped(std::string_view first, std::string_view text, std::size_t width);

}  // namespace loadlab
