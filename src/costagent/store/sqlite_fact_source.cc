#include "costagent/store/sqlite_fact_source.h"

#include "costagent/store/dictionary.h"
#include "costagent/store/queries.h"
#include "costagent/store/rollup_sql.h"
#include "costagent/store/sqlite_amounts.h"
#include "costagent/store/sqlite_details.h"

namespace costagent {
namespace {

std::int64_t number_of(base::Day day) { return day.time_since_epoch().count(); }

class SqliteRollupCursor final : public RollupCursor {
 public:
  SqliteRollupCursor(io::Statement& rows, Level level)
      : rows_(rows), keys_(static_cast<int>(key_size(level))), has_quantities_(has_quantities(level)) {}
  // However the reading ends, the statement is left ready for the next user.
  ~SqliteRollupCursor() override { rows_.reset(); }

  base::Result<bool> next(RollupRow& row) override {
    auto more = rows_.step();
    if (!more || !*more) return more;
    row.time = rows_.integer(0);
    for (int i = 0; i < keys_; ++i) row.key[static_cast<std::size_t>(i)] = rows_.integer(1 + i);
    row.part = rows_.integer(1 + keys_);
    if (const auto read = read_costs(rows_, 2 + keys_, row.costs); !read) return base::pass_on(read);
    row.quantity.reset();
    if (const auto text = has_quantities_ ? rows_.text(6 + keys_) : std::string_view(); !text.empty()) {
      const auto quantity = amount(text);
      if (!quantity) return base::pass_on(quantity);
      row.quantity = *quantity;
    }
    return true;
  }

 private:
  io::Statement& rows_;
  const int keys_;
  const bool has_quantities_;
};

class SqliteFactSource final : public FactSource {
 public:
  SqliteFactSource(ConnectionPool::Lease connection, RememberedTexts& texts, RememberedSlices& slices)
      : connection_(std::move(connection)), texts_(texts), slices_(slices) {}

  base::Result<> begin() {
    auto snapshot = io::Snapshot::begin(*connection_);
    if (!snapshot) return base::pass_on(snapshot);
    snapshot_.emplace(std::move(*snapshot));
    return {};
  }

  base::Result<std::optional<std::int64_t>> find_text(std::string_view text) override {
    return find_in_dictionary(*connection_, text);
  }
  base::Result<std::string> text(std::int64_t id) override { return text_in_dictionary(*connection_, texts_, id); }

  base::Result<SliceIds> slice(std::int64_t id) override {
    if (const auto known = slices_.find(id)) return *known;
    const auto select = connection_->cached(kColumnsOfSlice);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, id);
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return base::fail(base::ErrorKind::corrupt, "the database has no slice {}", id);
    SliceIds columns;
    for (std::size_t i = 0; i < kSliceColumns; ++i) columns[i] = (*select)->integer(static_cast<int>(i));
    (*select)->reset();
    slices_.keep(id, columns);
    return columns;
  }

  base::Result<std::vector<std::int64_t>> hidden_parts(std::int64_t customer) override {
    const auto select = connection_->cached(kHiddenParts);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer);
    std::vector<std::int64_t> found;
    for (;;) {
      const auto row = (*select)->step();
      if (!row) return base::pass_on(row);
      if (!*row) return found;
      found.push_back((*select)->integer(0));
    }
  }

  base::Result<std::vector<BillPart>> bill_parts(std::int64_t customer) override {
    const auto select = connection_->cached(kBillParts);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer);
    std::vector<BillPart> found;
    for (;;) {
      const auto row = (*select)->step();
      if (!row) return base::pass_on(row);
      if (!*row) return found;
      const io::Statement& at = **select;
      BillPart& part = found.emplace_back();
      int column = 0;
      for (std::int64_t* value : {&part.part, &part.provider, &part.billing_account, &part.billing_period,
                                  &part.first_day, &part.last_day, &part.rows, &part.currency})
        *value = at.integer(column++);
      if (const auto read = read_costs(at, column, part.costs); !read) return base::pass_on(read);
    }
  }

  base::Result<std::unique_ptr<RollupCursor>> rollup(Rollup rollup, std::int64_t customer, std::int64_t from,
                                                     std::int64_t to) override {
    const auto select = connection_->cached(read_rollup_sql(rollup));
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer).bind(2, from).bind(3, to);
    return std::make_unique<SqliteRollupCursor>(**select, rollup.level);
  }

  base::Result<std::unique_ptr<FactCursor<CoverageRow>>> coverage(CoverageGrain grain, std::int64_t customer,
                                                                  std::int64_t from, std::int64_t to) override {
    return read_coverage(*connection_, grain, customer, from, to);
  }
  base::Result<std::unique_ptr<FactCursor<PriceRow>>> prices(std::int64_t customer,
                                                             std::optional<std::int64_t> sku) override {
    return read_prices(*connection_, customer, sku);
  }
  base::Result<std::unique_ptr<FactCursor<InventoryRow>>> inventory(std::int64_t customer,
                                                                    std::int64_t after) override {
    return read_inventory(*connection_, customer, after);
  }

  base::Result<std::optional<FileTally>> known(std::int64_t customer, const std::string& digest) override {
    FileTally tally;
    const auto found = one_row(kKnownFile, customer, digest, [&](const io::Statement& row) -> base::Result<> {
      tally.rows = row.integer(0);
      tally.rejected = row.integer(1);
      const auto billed = amount(row.text(2));
      const auto effective = amount(row.text(3));
      if (!billed || !effective) return base::pass_on(!billed ? billed : effective);
      tally.billed_cost = *billed;
      tally.effective_cost = *effective;
      return {};
    });
    if (!found) return base::pass_on(found);
    return *found ? std::optional(tally) : std::nullopt;
  }

  base::Result<std::optional<Period>> extent(std::int64_t customer) override {
    std::optional<Period> period;
    const auto found = one_row(kExtent, customer, {}, [&](const io::Statement& row) -> base::Result<> {
      if (row.is_null(0)) return {};
      const base::Day first{std::chrono::days(row.integer(0))};
      period = Period{first, base::Day(std::chrono::days(row.integer(1) + 1))};
      return {};
    });
    if (!found) return base::pass_on(found);
    return period;
  }

  base::Result<std::int64_t> version(std::int64_t customer) override {
    std::int64_t version = 0;
    const auto found = one_row(kFactsVersion, customer, {}, [&](const io::Statement& row) -> base::Result<> {
      version = row.integer(0);
      return {};
    });
    if (!found) return base::pass_on(found);
    return version;
  }

  base::Result<std::optional<ResourceText>> resource(std::int64_t customer, std::int64_t resource) override {
    const auto select = connection_->cached(kResourceNames);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer).bind(2, resource);
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return std::optional<ResourceText>();
    const ResourceText found{(*select)->integer(0), (*select)->integer(1)};
    (*select)->reset();
    return std::optional(found);
  }

  base::Result<UtilisationSum> utilisation(std::int64_t customer, std::int64_t resource, Period period) override {
    const auto select = connection_->cached(kUtilisation);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer).bind(2, resource).bind(3, number_of(period.from)).bind(4, number_of(period.to));
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    const io::Statement& at = **select;
    const UtilisationSum sum{at.integer(0), at.real(1), at.real(2), at.real(3), at.real(4), at.real(5), at.real(6)};
    (*select)->reset();
    return sum;
  }

  base::Result<std::vector<Commitment>> commitments(std::int64_t customer, Period period, std::size_t limit) override {
    const auto select = connection_->cached(kCommitments);
    if (!select) return base::pass_on(select);
    const auto seconds = [](base::Day day) { return base::Seconds(day).time_since_epoch().count(); };
    (*select)->bind(1, customer).bind(2, seconds(period.from)).bind(3, seconds(period.to));
    std::vector<Commitment> found;
    while (found.size() < limit) {
      const auto row = (*select)->step();
      if (!row) return base::pass_on(row);
      if (!*row) break;
      auto commitment = commitment_of(**select);
      if (!commitment) return base::pass_on(commitment);
      // The newest comes first.
      const bool newer = found.empty() || found.back().id != commitment->id ||
                         found.back().contract_id != commitment->contract_id || found.back().start != commitment->start;
      if (newer) found.push_back(std::move(*commitment));
    }
    (*select)->reset();
    return found;
  }

 private:
  // A statement with a customer and perhaps a text that gives one row at most; false when there is none.
  template <class Read>
  base::Result<bool> one_row(const char* sql, std::int64_t customer, std::string_view text, Read read) {
    const auto select = connection_->cached(sql);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer);
    if (text.data() != nullptr) (*select)->bind(2, text);
    const auto row = (*select)->step();
    if (!row || !*row) return row;
    const auto done = read(**select);
    (*select)->reset();
    if (!done) return base::pass_on(done);
    return true;
  }

  static base::Result<Commitment> commitment_of(const io::Statement& row) {
    Commitment found;
    int column = 0;
    for (std::string* text : {&found.provider, &found.contract_id, &found.id, &found.category, &found.type,
                              &found.description, &found.unit})
      *text = row.text(column++);
    const auto quantity = amount(row.text(column++));
    found.currency = row.text(column++);
    const auto cost = amount(row.text(column++));
    if (!quantity || !cost) return base::pass_on(!quantity ? quantity : cost);
    found.quantity = *quantity;
    found.cost = *cost;
    for (base::Seconds* time : {&found.contract_start, &found.contract_end, &found.start, &found.end})
      *time = base::Seconds(std::chrono::seconds(row.integer(column++)));
    return found;
  }

  ConnectionPool::Lease connection_;
  RememberedTexts& texts_;
  RememberedSlices& slices_;
  std::optional<io::Snapshot> snapshot_;  // goes before the connection does
};

}  // namespace

base::Result<std::unique_ptr<FactSource>> make_sqlite_fact_source(ConnectionPool::Lease connection,
                                                                  RememberedTexts& texts, RememberedSlices& slices) {
  auto source = std::make_unique<SqliteFactSource>(std::move(connection), texts, slices);
  if (const auto begun = source->begin(); !begun) return base::pass_on(begun);
  return source;
}

}  // namespace costagent
