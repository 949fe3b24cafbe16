// Tables and paragraphs for a terminal.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace loadlab {

// A table whose columns are as wide as they need be; the first is to the left, the others to the right. Where they
// don't fit, columns are left out.
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
