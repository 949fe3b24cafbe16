#include "costagent/store/postgres_details.h"

#include <deque>
#include <string>

#include "costagent/store/postgres_costs.h"
#include "costagent/store/postgres_detail_queries.h"
#include "io/postgresql_pipeline.h"

namespace costagent {
namespace {

using io::PostgresRows;
using io::PostgresValues;

// Rows that are in memory at once.
constexpr int kFetched = 2000;

struct CursorStatements {
  io::PostgresStatement declare;
  io::PostgresStatement fetch;
  io::PostgresStatement close;
};

// Statements are kept by the addresses of their texts.
const CursorStatements& statements_of(std::size_t which) {
  static std::deque<std::string> texts;
  static const std::vector<CursorStatements> all = [] {
    const auto keep = [](std::string text) { return texts.emplace_back(std::move(text)).c_str(); };
    std::vector<CursorStatements> made;
    for (const auto& [name, sql] : postgres::kDetailCursors) {
      made.push_back({{keep(fmt::format("declare_{}", name)),
                       keep(fmt::format("DECLARE {}_rows NO SCROLL CURSOR FOR {}", name, sql))},
                      {keep(fmt::format("fetch_{}", name)), keep(fmt::format("FETCH {} FROM {}_rows", kFetched, name))},
                      {keep(fmt::format("close_{}", name)), keep(fmt::format("CLOSE {}_rows", name))}});
    }
    return made;
  }();
  return all[which];
}

// Their places in kDetailCursors.
enum Which : std::size_t { kMonths, kDays, kHours, kPrices, kPricesOfSku, kInventory };

std::int32_t day_of(std::int64_t number) { return static_cast<std::int32_t>(number); }

base::Result<> read(const PostgresRows& rows, int at, CoverageRow& row) {
  int column = 0;
  row.time = rows.integer(at, column++);
  for (std::int64_t& id : row.key) id = rows.integer(at, column++);
  row.status = static_cast<CoverageStatus>(rows.integer(at, column++));
  row.part = rows.integer(at, column++);
  const auto quantity = amount_at(rows, at, column++);
  if (!quantity) return base::pass_on(quantity);
  row.quantity = *quantity;
  row.hours = rows.text(at, column++);
  const auto costs = costs_at(rows, at, column);
  if (!costs) return base::pass_on(costs);
  row.costs = *costs;
  return {};
}

base::Result<> read(const PostgresRows& rows, int at, PriceRow& row) {
  int column = 0;
  for (std::int64_t& id : row.key) id = rows.integer(at, column++);
  for (std::int64_t* value : {&row.unit, &row.part, &row.first_day, &row.last_day}) *value = rows.integer(at, column++);
  for (std::optional<base::Decimal>* price : {&row.list, &row.contracted}) {
    price->reset();
    if (!rows.is_null(at, column)) {
      const auto given = amount_at(rows, at, column);
      if (!given) return base::pass_on(given);
      *price = *given;
    }
    ++column;
  }
  return {};
}

base::Result<> read(const PostgresRows& rows, int at, InventoryRow& row) {
  const auto integer = [&](int column) { return rows.integer(at, column); };
  row = {integer(0), integer(1), integer(2), integer(3), integer(4)};
  return {};
}

template <class Row>
class DetailCursor final : public FactCursor<Row> {
 public:
  DetailCursor(io::Postgres& session, base::Nanoseconds until, const io::PostgresStatement& fetch,
               PostgresDetailCursors::Expect<Row> expect)
      : session_(session), until_(until), fetch_(fetch), expect_(std::move(expect)) {}

  // The first rows, or the next ones.
  base::Result<> take(const PostgresRows& rows) {
    rows_.resize(static_cast<std::size_t>(rows.size()));
    at_ = 0;
    for (int row = 0; row < rows.size(); ++row) {
      if (auto done = read(rows, row, rows_[static_cast<std::size_t>(row)]); !done) return done;
    }
    return expect_ ? expect_(rows_) : base::Result<>();
  }

  base::Result<bool> next(Row& row) override {
    if (at_ == rows_.size()) {
      if (rows_.size() < static_cast<std::size_t>(kFetched)) return false;
      const auto more = session_.run(fetch_, PostgresValues(), until_);
      if (!more) return base::pass_on(more);
      if (const auto taken = take(*more); !taken) return base::pass_on(taken);
      if (rows_.empty()) return false;
    }
    row = std::move(rows_[at_++]);
    return true;
  }

 private:
  io::Postgres& session_;
  const base::Nanoseconds until_;
  const io::PostgresStatement& fetch_;
  PostgresDetailCursors::Expect<Row> expect_;
  std::vector<Row> rows_;
  std::size_t at_ = 0;
};

void put_price(PostgresValues& values, const std::optional<base::Decimal>& price) {
  price ? values.numeric(*price) : values.null();
}

}  // namespace

void put_row(PostgresValues& values, std::int64_t customer, const CoverageRow& row) {
  values.int64(customer);
  for (const std::int64_t id : row.key) values.int64(id);
  values.int64(row.part).int32(day_of(row.time)).int16(static_cast<std::int16_t>(row.status));
  put_costs(values.numeric(row.quantity).bytes(row.hours), row.costs);
}

void put_row(PostgresValues& values, std::int64_t customer, const PriceRow& row) {
  values.int64(customer);
  for (const std::int64_t id : row.key) values.int64(id);
  values.int64(row.unit).int64(row.part).int32(day_of(row.first_day)).int32(day_of(row.last_day));
  put_price(values, row.list);
  put_price(values, row.contracted);
}

void put_row(PostgresValues& values, std::int64_t customer, const InventoryRow& row) {
  values.int64(customer).int64(row.resource).int64(row.part).int64(row.slice);
  values.int32(day_of(row.first_day)).int32(day_of(row.last_day));
}

template <class Row>
base::Result<std::unique_ptr<FactCursor<Row>>> PostgresDetailCursors::open(std::size_t which,
                                                                           const PostgresValues& values,
                                                                           Expect<Row> expect) {
  const CursorStatements& statements = statements_of(which);
  io::PostgresPipeline pipeline(session_);
  if (!open_.insert(which).second) pipeline.add(statements.close);
  pipeline.add(statements.declare, values);
  pipeline.add(statements.fetch);
  const auto rows = pipeline.run(until_);
  if (!rows) return base::pass_on(rows);
  auto cursor = std::make_unique<DetailCursor<Row>>(session_, until_, statements.fetch, std::move(expect));
  if (const auto taken = cursor->take(rows->back()); !taken) return base::pass_on(taken);
  return cursor;
}

base::Result<std::unique_ptr<FactCursor<CoverageRow>>> PostgresDetailCursors::coverage(CoverageGrain grain,
                                                                                       std::int64_t customer,
                                                                                       std::int64_t from,
                                                                                       std::int64_t to) {
  const Which which = grain == CoverageGrain::month ? kMonths : grain == CoverageGrain::day ? kDays : kHours;
  PostgresValues values;
  values.int64(customer).int32(day_of(from)).int32(day_of(to));
  return open<CoverageRow>(which, values, nullptr);
}

base::Result<std::unique_ptr<FactCursor<PriceRow>>> PostgresDetailCursors::prices(std::int64_t customer,
                                                                                  std::optional<std::int64_t> sku) {
  PostgresValues values;
  values.int64(customer);
  if (sku) values.int64(*sku);
  return open<PriceRow>(sku ? kPricesOfSku : kPrices, values, nullptr);
}

base::Result<std::unique_ptr<FactCursor<InventoryRow>>> PostgresDetailCursors::inventory(std::int64_t customer,
                                                                                         std::int64_t after,
                                                                                         Expect<InventoryRow> expect) {
  return open<InventoryRow>(kInventory, PostgresValues().int64(customer).int64(after), std::move(expect));
}

}  // namespace costagent
