#include "costagent/store/postgres_costs.h"

namespace costagent {

void put_costs(io::PostgresValues& values, const Costs& costs) {
  values.numeric(costs.billed);
  for (const base::Decimal* other : {&costs.effective, &costs.list, &costs.contracted}) {
    if (*other == costs.billed) {
      values.null();
    } else {
      values.numeric(*other);
    }
  }
}

base::Result<Costs> costs_at(const io::PostgresRows& rows, int row, int first) {
  const auto billed = amount_at(rows, row, first);
  if (!billed) return base::pass_on(billed);
  Costs costs{*billed, *billed, *billed, *billed};
  for (base::Decimal* other : {&costs.effective, &costs.list, &costs.contracted}) {
    ++first;
    if (rows.is_null(row, first)) continue;
    const auto amount = amount_at(rows, row, first);
    if (!amount) return base::pass_on(amount);
    *other = *amount;
  }
  return costs;
}

base::Result<base::Decimal> amount_at(const io::PostgresRows& rows, int row, int column) {
  const auto amount = rows.decimal(row, column);
  if (!amount) return base::fail(base::ErrorKind::corrupt, "the database holds an amount that is none");
  return *amount;
}

}  // namespace costagent
