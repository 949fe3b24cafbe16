// The tables that a delivery's rows are added to, on PostgreSQL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "costagent/store/load_sink.h"
#include "costagent/store/rollup.h"
#include "io/postgresql.h"

namespace costagent {

// How rows get into a table: many by a COPY, a few by an INSERT that other statements are sent with. Rows have all
// columns, in their order. Kept by its address, and never changed.
struct PostgresTable {
  // A column a line: `name type`.
  PostgresTable(std::string_view name, std::string_view columns);
  PostgresTable(const PostgresTable&) = delete;
  PostgresTable& operator=(const PostgresTable&) = delete;

  std::string copy;                  // COPY … FROM STDIN (FORMAT binary)
  io::PostgresStatement insert{};    // with a list for each column
  std::vector<std::uint32_t> types;  // of the columns

 private:
  std::string insert_name_;
  std::string insert_sql_;
};

namespace postgres {

const PostgresTable& charge_table();
const PostgresTable& raw_block_table();
const PostgresTable& utilisation_table();
const PostgresTable& commitment_table();
const PostgresTable& rollup_table(Rollup rollup);
const PostgresTable& coverage_table(CoverageGrain grain);
const PostgresTable& price_table();
const PostgresTable& inventory_table();

}  // namespace postgres
}  // namespace costagent
