// The statements on PostgreSQL's six rollup tables, which differ in their names and keys only.
#pragma once

#include <string>

#include "costagent/store/rollup.h"
#include "io/postgresql.h"

namespace costagent::postgres {

struct RollupStatements {
  // A cursor, for the length of the transaction, over the rows of a customer ($1) from a time ($2) to another ($3),
  // which is not included, in the order of time: time, the key, part, billed, effective, list, contracted, and the
  // quantity. Its plan is made for these values: which of the months' partitions are read depends on them.
  io::PostgresStatement declare;
  io::PostgresStatement fetch;  // the next kFetched of them, at most
  io::PostgresStatement close;
  std::string select;  // what the cursor is over, with its three parameters

  // Removes a customer's ($1) rows of a part ($4), from a time ($2) to another ($3), which is not included.
  io::PostgresStatement clear;
};

// Rows that are in memory at once: half a megabyte, in a few milliseconds.
inline constexpr int kFetched = 2000;

const RollupStatements& statements_of(Rollup rollup);

}  // namespace costagent::postgres
