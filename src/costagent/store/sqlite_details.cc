#include "costagent/store/sqlite_details.h"

#include "costagent/store/detail_queries.h"
#include "costagent/store/sqlite_amounts.h"

namespace costagent {
namespace {

// Rows that one call clears: some 20 ms.
constexpr std::int64_t kRowsAtOnce = 10'000;

base::Result<> read(const io::Statement& at, CoverageRow& row) {
  int column = 0;
  row.time = at.integer(column++);
  for (std::int64_t& id : row.key) id = at.integer(column++);
  row.status = static_cast<CoverageStatus>(at.integer(column++));
  row.part = at.integer(column++);
  const auto quantity = amount(at.text(column++));
  if (!quantity) return base::pass_on(quantity);
  row.quantity = *quantity;
  row.hours = at.text(column++);
  return read_costs(at, column, row.costs);
}

base::Result<> read(const io::Statement& at, PriceRow& row) {
  int column = 0;
  for (std::int64_t& id : row.key) id = at.integer(column++);
  for (std::int64_t* value : {&row.unit, &row.part, &row.first_day, &row.last_day}) *value = at.integer(column++);
  for (std::optional<base::Decimal>* price : {&row.list, &row.contracted}) {
    price->reset();
    if (!at.is_null(column)) {
      const auto given = amount(at.text(column));
      if (!given) return base::pass_on(given);
      *price = *given;
    }
    ++column;
  }
  return {};
}

base::Result<> read(const io::Statement& at, InventoryRow& row) {
  row = {at.integer(0), at.integer(1), at.integer(2), at.integer(3), at.integer(4)};
  return {};
}

template <class Row>
class SqliteCursor final : public FactCursor<Row> {
 public:
  explicit SqliteCursor(io::Statement& rows) : rows_(rows) {}
  // However the reading ends, the statement is left ready for the next user.
  ~SqliteCursor() override { rows_.reset(); }

  base::Result<bool> next(Row& row) override {
    auto more = rows_.step();
    if (!more || !*more) return more;
    if (const auto done = read(rows_, row); !done) return base::pass_on(done);
    return true;
  }

 private:
  io::Statement& rows_;
};

void bind_price(io::Statement& insert, int parameter, const std::optional<base::Decimal>& price, std::string& room) {
  if (!price) {
    insert.bind_null(parameter);
    return;
  }
  room = price->to_string();
  insert.bind(parameter, std::string_view(room));
}

}  // namespace

base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, CoverageGrain grain,
                           std::span<const CoverageRow> rows) {
  const auto insert = connection.cached(grain == CoverageGrain::month ? kAddMonthlyCoverage : kAddDailyCoverage);
  if (!insert) return base::pass_on(insert);
  CostTexts texts;
  for (const CoverageRow& row : rows) {
    const std::string quantity = row.quantity.to_string();
    (*insert)->bind(1, customer).bind(2, row.time);
    int parameter = 3;
    for (const std::int64_t id : row.key) (*insert)->bind(parameter++, id);
    (*insert)->bind(parameter, static_cast<std::int64_t>(row.status)).bind(parameter + 1, row.part);
    (*insert)->bind(parameter + 2, std::string_view(quantity)).bind(parameter + 3, std::string_view(row.hours));
    texts.bind(**insert, parameter + 4, row.costs);
    if (auto added = (*insert)->run(); !added) return added;
  }
  return {};
}

base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, std::span<const PriceRow> rows) {
  const auto insert = connection.cached(kAddPrice);
  if (!insert) return base::pass_on(insert);
  std::string list;
  std::string contracted;
  for (const PriceRow& row : rows) {
    int parameter = 1;
    (*insert)->bind(parameter++, customer);
    for (const std::int64_t id : row.key) (*insert)->bind(parameter++, id);
    for (const std::int64_t value : {row.unit, row.part, row.first_day, row.last_day})
      (*insert)->bind(parameter++, value);
    bind_price(**insert, parameter, row.list, list);
    bind_price(**insert, parameter + 1, row.contracted, contracted);
    if (auto added = (*insert)->run(); !added) return added;
  }
  return {};
}

base::Result<> add_details(io::Sqlite& connection, std::int64_t customer, std::span<const InventoryRow> rows) {
  const auto insert = connection.cached(kAddToInventory);
  if (!insert) return base::pass_on(insert);
  for (const InventoryRow& row : rows) {
    int parameter = 1;
    for (const std::int64_t value : {customer, row.resource, row.part, row.slice, row.first_day, row.last_day})
      (*insert)->bind(parameter++, value);
    if (auto added = (*insert)->run(); !added) return added;
  }
  return {};
}

base::Result<std::unique_ptr<FactCursor<CoverageRow>>> read_coverage(io::Sqlite& connection, CoverageGrain grain,
                                                                     std::int64_t customer, std::int64_t from,
                                                                     std::int64_t to) {
  const auto select = connection.cached(coverage_sql(grain));
  if (!select) return base::pass_on(select);
  (*select)->bind(1, customer).bind(2, from).bind(3, to);
  return std::make_unique<SqliteCursor<CoverageRow>>(**select);
}

base::Result<std::unique_ptr<FactCursor<PriceRow>>> read_prices(io::Sqlite& connection, std::int64_t customer,
                                                                std::optional<std::int64_t> sku) {
  const auto select = connection.cached(sku ? kPricesOfSku : kPrices);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, customer);
  if (sku) (*select)->bind(2, *sku);
  return std::make_unique<SqliteCursor<PriceRow>>(**select);
}

base::Result<std::unique_ptr<FactCursor<InventoryRow>>> read_inventory(io::Sqlite& connection, std::int64_t customer,
                                                                       std::int64_t after) {
  const auto select = connection.cached(kInventory);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, customer).bind(2, after);
  return std::make_unique<SqliteCursor<InventoryRow>>(**select);
}

base::Result<bool> clear_details(io::Sqlite& connection, std::int64_t part) {
  for (const char* sql : kClearDetails) {
    const auto clear = connection.cached(sql);
    if (!clear) return base::pass_on(clear);
    if (const auto cleared = (*clear)->bind(1, part).bind(2, kRowsAtOnce).run(); !cleared)
      return base::pass_on(cleared);
    if (connection.changes() == kRowsAtOnce) return false;
  }
  return true;
}

}  // namespace costagent
