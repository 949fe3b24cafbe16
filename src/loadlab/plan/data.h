// Where a test's rows of data come from, and who gets which.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadlab/plan/table.h"

namespace loadlab {

enum class RowOrder {
  sequential,  // one after the other over all users, again from the first behind the last
  random,      // any, each time
  once,        // as sequential, but none twice
  per_user     // the same for all of a user's iterations
};

struct DataSource {
  std::string name;
  std::string file;  // as the plan names it
  std::shared_ptr<const Table> table;
  RowOrder order = RowOrder::sequential;
  // Of `once`, with all rows given out: arrivals are dropped as long as the load lasts. Else it ends.
  bool drops = false;
};

// What an iteration takes of a source: one row, and of it some columns.
struct RowUse {
  struct Value {
    std::size_t slot;  // index into Journey::variables
    std::size_t column;
  };
  std::size_t source;  // index into Test::data
  std::vector<Value> values;
};

}  // namespace loadlab
