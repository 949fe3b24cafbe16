// What parsers of every form read their fields with: one record at a time, by wanted column, with the first thing that
// is found wrong.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"
#include "costagent/ingest/columns.h"
#include "costagent/ingest/record_source.h"
#include "costagent/ingest/remarks.h"

namespace costagent {

// Reads times, and remembers the last: thousands of lines that follow each other have the same. Not thread-safe.
class TimeReader {
 public:
  using Parse = base::Result<base::Seconds> (*)(std::string_view text);

  explicit TimeReader(Parse parse = base::parse_time) : parse_(parse) {}

  base::Result<base::Seconds> read(std::string_view text);

 private:
  Parse parse_;
  std::string text_;
  base::Seconds time_;
};

// The first day of the month that the time lies in.
base::Seconds month_of(base::Seconds time);

class Fields {
 public:
  Fields(const Layout& layout, std::span<const ColumnWanted> columns, std::span<const std::string_view> fields)
      : layout_(layout), columns_(columns), fields_(fields) {}

  // What is wrong when the record has more or fewer fields than it should; then nothing else may be asked.
  std::optional<LineProblem> wrong_count() const;

  bool has(std::size_t column) const { return layout_.positions[column] != kNoColumn; }

  // Empty when there is none, or NULL.
  std::string_view get(std::size_t column) const {
    const std::size_t position = layout_.positions[column];
    if (position == kNoColumn || is_null(fields_[position])) return {};
    return fields_[position];
  }

  // The same, but complains about a text that is longer than any bill's, and cuts it.
  std::string_view bounded(std::size_t column);

  void text(std::size_t column, std::string& to) { to.assign(bounded(column)); }
  void required_text(std::size_t column, std::string& to);

  // In capitals, so that `usd` and `USD` are one currency.
  void currency(std::size_t column, std::string& to);
  void required_currency(std::size_t column, std::string& to) {
    currency(column, to);
    if (to.empty()) complain(column, "it is empty");
  }

  // False when there is none; then it is zero. Spaces around it are no matter.
  bool amount(std::size_t column, base::Decimal& to);
  // A unit price, which is no money that is owed: one that can't be read is remarked, and left out.
  std::optional<base::Decimal> price(std::size_t column, Remarks& remarks) const;
  void required_amount(std::size_t column, base::Decimal& to);

  // A quantity is no money: Google counts a month of storage in 10^18 byte-seconds, and arithmetic in doubles leaves
  // digits behind. One that is no number, or of more digits than can be held, counts as 0, which is remarked.
  void quantity(std::size_t column, base::Decimal& to, Remarks& remarks);

  // False when there is none; then it stays. Complains about a time outside 2000 to 2099: clouds sold nothing before, a
  // bill for a later day is a mistyped one, and it bounds what a day can be.
  bool time(std::size_t column, TimeReader& reader, base::Seconds& to);

  void complain(std::size_t column, std::string message);
  std::optional<LineProblem> problem() { return std::move(problem_); }

 private:
  const Layout& layout_;
  std::span<const ColumnWanted> columns_;
  std::span<const std::string_view> fields_;
  std::optional<LineProblem> problem_;
};

}  // namespace costagent
