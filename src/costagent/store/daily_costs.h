// Rows of a daily rollup, one by one, as kDailyServiceCosts and kDailyResourceCosts select them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "costagent/domain/cost_series.h"
#include "io/sqlite.h"

namespace costagent {

// What the dimensions of a row must be: for each, one of some texts, by their numbers.
using DimensionFilter = std::vector<std::pair<Dimension, std::vector<std::int64_t>>>;

// A cursor. However the reading ends, its statement is left ready for the next user: one left in mid-row would go on
// seeing the database as it was.
class DailyCosts {
 public:
  DailyCosts(io::Statement& rows, DimensionFilter only) : rows_(&rows), only_(std::move(only)) {}
  DailyCosts(DailyCosts&& other) noexcept : rows_(std::exchange(other.rows_, nullptr)), only_(std::move(other.only_)) {}
  DailyCosts& operator=(DailyCosts&&) = delete;
  ~DailyCosts() {
    if (rows_ != nullptr) rows_->reset();
  }

  // Moves to the next row that matches, in the order of days; false after the last.
  base::Result<bool> next() {
    for (;;) {
      auto more = rows_->step();
      if (!more || !*more || matches()) return more;
    }
  }

  // Of the row at hand; texts hold until the next.
  std::int64_t day() const { return rows_->integer(0); }
  std::int64_t currency() const { return rows_->integer(1); }
  std::string_view billed() const { return rows_->text(2); }
  std::string_view effective() const { return rows_->text(3); }
  // The nearest double, for statistics.
  double cost(CostMetric metric) const { return rows_->real(metric == CostMetric::billed ? 2 : 3); }
  std::int64_t id(Dimension dimension) const { return rows_->integer(4 + static_cast<int>(dimension)); }

 private:
  bool matches() const {
    for (const auto& [dimension, values] : only_) {
      if (std::find(values.begin(), values.end(), id(dimension)) == values.end()) return false;
    }
    return true;
  }

  io::Statement* rows_;
  DimensionFilter only_;
};

}  // namespace costagent
