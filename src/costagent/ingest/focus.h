// Charges from FOCUS files (FinOps Open Cost and Usage Specification), versions 1.0 to 1.4.
//
// Columns are found by name in any order, also under the names that 1.3 gave some of them. Columns that Charge doesn't
// have are passed over here; the store keeps them with the raw line.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/ingest/columns.h"

namespace costagent {

// Not thread-safe.
class FocusParser {
 public:
  // From the file's first record. Fails (invalid) when it lacks a column that no bill can do without.
  static base::Result<FocusParser> create(std::span<const std::string_view> header);

  // Reads one record into `charge`, whose strings are used again. What is wrong, if something is, names the column.
  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) const;

 private:
  FocusParser(std::vector<std::size_t> positions, std::size_t columns)
      : positions_(std::move(positions)), columns_(columns) {}

  std::vector<std::size_t> positions_;  // by the order of the table in focus.cc
  std::size_t columns_;
};

}  // namespace costagent
