// A form that bills come in: what it is called, which columns it has, and who reads its records.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/commitment.h"
#include "costagent/domain/resource.h"
#include "costagent/ingest/columns.h"
#include "costagent/ingest/record_source.h"
#include "costagent/ingest/remarks.h"

namespace costagent {

enum class BillKind { charges, commitments, utilisation };

// Turns records into items. Not thread-safe.
template <class Item>
class LineParser {
 public:
  virtual ~LineParser() = default;

  // Reads one record into `item`, whose strings are used again. What is wrong, if something is, names the column; then
  // the item means nothing.
  virtual std::optional<LineProblem> parse(std::span<const std::string_view> fields, Item& item) = 0;

  // Which line of the file the next record is of, for remarks.
  void at(std::uint64_t line) { remarks_.at(line); }
  const Remarks& remarks() const { return remarks_; }

 protected:
  Remarks remarks_;
};

using ChargeParser = LineParser<Charge>;
using CommitmentParser = LineParser<Commitment>;

// The names a file has, by their keys (column_key).
class NameSet {
 public:
  explicit NameSet(std::span<const std::string_view> names);
  bool has(std::string_view name) const;
  bool has_all(std::initializer_list<std::string_view> names) const;
  bool has_any(std::initializer_list<std::string_view> names) const;

 private:
  std::set<std::string> keys_;
};

struct BillForm {
  std::string name;
  std::span<const ColumnWanted> columns;  // what the parser's layout was bound to; static
  std::variant<std::unique_ptr<ChargeParser>, std::unique_ptr<CommitmentParser>,
               std::unique_ptr<LineParser<UtilisationSample>>>
      parser;

  BillKind kind() const { return static_cast<BillKind>(parser.index()); }
};

// Which form the source's names are of, its parser bound to it. Fails (invalid, a clause without a subject) when none
// is, or a column is missing that it can't do without.
base::Result<BillForm> recognise_form(RecordSource& source);

}  // namespace costagent
