// What bills tell besides their costs, in PostgreSQL: rows of its COPYs and of its cursors.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <span>

#include "base/clock.h"
#include "costagent/store/fact_source.h"
#include "io/postgresql.h"
#include "io/postgresql_rows.h"
#include "io/postgresql_values.h"

namespace costagent {

// In the order of the columns of postgres_tables.h.
void put_row(io::PostgresValues& values, std::int64_t customer, const CoverageRow& row);
void put_row(io::PostgresValues& values, std::int64_t customer, const PriceRow& row);
void put_row(io::PostgresValues& values, std::int64_t customer, const InventoryRow& row);

// Cursors within one transaction of a session, which must outlive them; of each of kDetailCursors one at a time.
class PostgresDetailCursors {
 public:
  // Called with rows that are about to be read.
  template <class Row>
  using Expect = std::function<base::Result<>(std::span<const Row> rows)>;

  PostgresDetailCursors(io::Postgres& session, base::Nanoseconds until) : session_(session), until_(until) {}

  base::Result<std::unique_ptr<FactCursor<CoverageRow>>> coverage(CoverageGrain grain, std::int64_t customer,
                                                                  std::int64_t from, std::int64_t to);
  base::Result<std::unique_ptr<FactCursor<PriceRow>>> prices(std::int64_t customer, std::optional<std::int64_t> sku);
  base::Result<std::unique_ptr<FactCursor<InventoryRow>>> inventory(std::int64_t customer, std::int64_t after,
                                                                    Expect<InventoryRow> expect);

 private:
  template <class Row>
  base::Result<std::unique_ptr<FactCursor<Row>>> open(std::size_t which, const io::PostgresValues& values,
                                                      Expect<Row> expect);

  io::Postgres& session_;
  const base::Nanoseconds until_;
  std::set<std::size_t> open_;  // by their places in kDetailCursors
};

}  // namespace costagent
