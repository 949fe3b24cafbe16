// The rollup rows that answer a question: from the cheapest tables, of what counts, and with the values that are asked
// for.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "costagent/store/fact_source.h"
#include "costagent/store/rollup_choice.h"

namespace costagent {

// What the columns must be, by the dictionary's numbers: one of some. And what tags must be; empty: there is no such
// tag.
struct RowFilter {
  std::int64_t customer = 0;
  std::vector<std::pair<SliceColumn, std::vector<std::int64_t>>> only;
  std::map<std::string, std::string> only_tagged;
  std::optional<std::vector<std::int64_t>> parts{};  // ascending; none: all that count
};

// A filter's numbers for a customer and texts; none where one of them is in no bill, so that nothing can match.
base::Result<std::optional<RowFilter>> make_filter(FactSource& source, const std::string& customer,
                                                   const std::map<Dimension, std::string>& only,
                                                   const std::map<std::string, std::string>& only_tagged);

// Tells whether a slice's columns, or as many as the filter needs, are what it asks for. Not thread-safe; `source` must
// outlive it.
class ColumnFilter {
 public:
  using Tags = std::map<std::string, std::string, std::less<>>;

  ColumnFilter(FactSource& source, RowFilter filter) : source_(&source), filter_(std::move(filter)) {}

  base::Result<bool> matches(const SliceIds& columns);
  // Of a text of tags, by its number. Remembered as long as this lives.
  base::Result<const Tags*> tags_of(std::int64_t id);
  const RowFilter& filter() const { return filter_; }

 private:
  FactSource* source_;
  RowFilter filter_;
  std::unordered_map<std::int64_t, Tags> tags_;
};

// A cursor, of one thread. `source` must outlive it.
class MatchingRows {
 public:
  // `by` are the columns that the answer needs beside those of the filter, and the currency.
  static base::Result<MatchingRows> open(FactSource& source, RowFilter filter, std::vector<SliceColumn> by,
                                         Period period, bool by_day);

  // Moves to the next row, in the order of time; false after the last.
  base::Result<bool> next();

  // Of the row at hand: its day, or the first day of its month, by number; the columns that were asked for.
  std::int64_t time() const { return row_.time; }
  std::int64_t column(SliceColumn column) const { return (*columns_)[at(column)]; }
  const Costs& costs() const { return row_.costs; }
  // Where the answer needs columns that only the finest level has, and the row has one.
  const std::optional<base::Decimal>& quantity() const { return row_.quantity; }

  // The value of a tag of the row at hand; empty where it has none.
  base::Result<std::string_view> tag(const std::string& name);

 private:
  struct Slice {
    SliceIds columns{};
    bool matches = false;
  };
  MatchingRows(FactSource& source, RowFilter filter, std::vector<std::int64_t> hidden, std::vector<Segment> segments)
      : source_(&source),
        filter_(source, std::move(filter)),
        hidden_(std::move(hidden)),
        segments_(std::move(segments)) {}

  base::Result<bool> matches();

  FactSource* source_;
  ColumnFilter filter_;
  std::vector<std::int64_t> hidden_;
  std::vector<Segment> segments_;
  std::size_t segment_ = 0;  // that the cursor is of
  std::unique_ptr<RollupCursor> cursor_;
  RollupRow row_;
  SliceIds from_key_{};
  const SliceIds* columns_ = nullptr;
  std::unordered_map<std::int64_t, Slice> slices_;  // met so far
};

}  // namespace costagent
