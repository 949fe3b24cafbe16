// What bills tell besides their costs, in SQLite: rows written and read.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "costagent/store/fact_source.h"
#include "io/sqlite.h"

namespace costagent {

// Within a transaction of the caller's. Fail as the database does.
base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, CoverageGrain grain,
                           std::span<const CoverageRow> rows);
base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, std::span<const PriceRow> rows);
base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, std::span<const InventoryRow> rows);

// FactSource's. The connection must outlive the cursors.
base::Result<std::unique_ptr<FactCursor<CoverageRow>>> read_coverage(io::Sqlite& connection, CoverageGrain grain,
                                                                     std::int64_t customer, std::int64_t from,
                                                                     std::int64_t to);
base::Result<std::unique_ptr<FactCursor<PriceRow>>> read_prices(io::Sqlite& connection, std::int64_t customer,
                                                                std::optional<std::int64_t> sku);
base::Result<std::unique_ptr<FactCursor<InventoryRow>>> read_inventory(io::Sqlite& connection, std::int64_t customer,
                                                                       std::int64_t after);

// Some rows of a part; true once nothing of it is left.
base::Result<bool> clear_details(io::Sqlite& connection, std::int64_t part);

}  // namespace costagent
