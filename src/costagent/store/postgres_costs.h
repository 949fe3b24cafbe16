// Amounts and costs in PostgreSQL's rows.
#pragma once

#include "base/result.h"
#include "costagent/domain/costs.h"
#include "io/postgresql_rows.h"
#include "io/postgresql_values.h"

namespace costagent {

// As four columns: billed, effective, list, contracted. What is the same as the billed cost is null.
void put_costs(io::PostgresValues& values, const Costs& costs);

// From the column `first` on. Fails with `corrupt`.
base::Result<Costs> costs_at(const io::PostgresRows& rows, int row, int first);
base::Result<base::Decimal> amount_at(const io::PostgresRows& rows, int row, int column);

}  // namespace costagent
