#include "costagent/store/postgres_fact_source.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "costagent/store/postgres_costs.h"
#include "costagent/store/postgres_details.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_rollup_sql.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using io::PostgresRows;
using io::PostgresValues;
using Numbers = std::vector<std::int64_t>;

// Texts and the like that one statement asks for.
constexpr std::size_t kMostAtOnce = 1000;

std::int32_t number_of(base::Day day) { return static_cast<std::int32_t>(day.time_since_epoch().count()); }

SliceIds slice_at(const PostgresRows& rows, int row) {
  SliceIds columns;
  for (std::size_t i = 0; i < kSliceColumns; ++i) columns[i] = rows.integer(row, static_cast<int>(i) + 1);
  return columns;
}

class PostgresFactSource final : public FactSource {
 public:
  PostgresFactSource(PostgresPool::Lease session, Nanoseconds until, RememberedTexts& texts, RememberedSlices& slices)
      : session_(std::move(session)), until_(until), texts_(texts), slices_(slices), details_(*session_, until) {}

  base::Result<> begin() {
    auto snapshot = io::PostgresTransaction::begin(*session_, until_, io::PostgresTransaction::Mode::snapshot);
    if (!snapshot) return base::pass_on(snapshot);
    snapshot_.emplace(std::move(*snapshot));
    return {};
  }

  base::Result<std::optional<std::int64_t>> find_text(std::string_view text) override {
    const auto rows = ask(postgres::kIdOfText, PostgresValues().bytes(text));
    if (!rows) return base::pass_on(rows);
    return rows->size() == 0 ? std::nullopt : std::optional(rows->integer(0, 0));
  }

  base::Result<std::string> text(std::int64_t id) override {
    if (auto known = texts_.find(id)) return std::move(*known);
    const auto rows = ask(postgres::kTextOfId, PostgresValues().int64(id));
    if (!rows) return base::pass_on(rows);
    if (rows->size() == 0) return base::fail(base::ErrorKind::corrupt, "the database's dictionary has no entry {}", id);
    std::string text(rows->text(0, 0));
    texts_.keep(id, text);
    return text;
  }

  base::Result<> expect_texts(std::span<const std::int64_t> ids) override {
    return fetch_unknown(ids, texts_, postgres::kTextsOfIds, [this](const PostgresRows& rows, int row) {
      texts_.keep(rows.integer(row, 0), std::string(rows.text(row, 1)));
    });
  }

  base::Result<SliceIds> slice(std::int64_t id) override {
    if (const auto known = slices_.find(id)) return *known;
    const auto rows = ask(postgres::kSlicesOfIds, PostgresValues().int64s({&id, 1}));
    if (!rows) return base::pass_on(rows);
    if (rows->size() == 0) return base::fail(base::ErrorKind::corrupt, "the database has no slice {}", id);
    const SliceIds columns = slice_at(*rows, 0);
    slices_.keep(id, columns);
    return columns;
  }

  base::Result<std::vector<std::int64_t>> hidden_parts(std::int64_t customer) override {
    if (hidden_.first == customer) return hidden_.second;
    const auto rows = ask(postgres::kHiddenParts, PostgresValues().int64(customer));
    if (!rows) return base::pass_on(rows);
    hidden_ = {customer, {}};
    for (int row = 0; row < rows->size(); ++row) hidden_.second.push_back(rows->integer(row, 0));
    return hidden_.second;
  }

  base::Result<std::vector<BillPart>> bill_parts(std::int64_t customer) override {
    const auto rows = ask(postgres::kBillParts, PostgresValues().int64(customer));
    if (!rows) return base::pass_on(rows);
    std::vector<BillPart> found;
    for (int row = 0; row < rows->size(); ++row) {
      BillPart& part = found.emplace_back();
      int column = 0;
      for (std::int64_t* value : {&part.part, &part.provider, &part.billing_account, &part.billing_period,
                                  &part.first_day, &part.last_day, &part.rows, &part.currency})
        *value = rows->integer(row, column++);
      const auto costs = costs_at(*rows, row, column);
      if (!costs) return base::pass_on(costs);
      part.costs = *costs;
    }
    return found;
  }

  base::Result<std::unique_ptr<RollupCursor>> rollup(Rollup rollup, std::int64_t customer, std::int64_t from,
                                                     std::int64_t to) override;

  base::Result<std::unique_ptr<FactCursor<CoverageRow>>> coverage(CoverageGrain grain, std::int64_t customer,
                                                                  std::int64_t from, std::int64_t to) override {
    return details_.coverage(grain, customer, from, to);
  }
  base::Result<std::unique_ptr<FactCursor<PriceRow>>> prices(std::int64_t customer,
                                                             std::optional<std::int64_t> sku) override {
    return details_.prices(customer, sku);
  }
  base::Result<std::unique_ptr<FactCursor<InventoryRow>>> inventory(std::int64_t customer, std::int64_t after) override;

  base::Result<std::optional<FileTally>> known(std::int64_t customer, const std::string& digest) override {
    const auto rows = ask(postgres::kKnownFile, PostgresValues().int64(customer).text(digest));
    if (!rows) return base::pass_on(rows);
    if (rows->size() == 0) return std::optional<FileTally>();
    const auto billed = amount_at(*rows, 0, 2);
    const auto effective = amount_at(*rows, 0, 3);
    if (!billed || !effective) return base::pass_on(!billed ? billed : effective);
    return std::optional(FileTally{rows->integer(0, 0), rows->integer(0, 1), *billed, *effective});
  }

  base::Result<std::optional<Period>> extent(std::int64_t customer) override {
    const auto rows = ask(postgres::kExtent, PostgresValues().int64(customer));
    if (!rows) return base::pass_on(rows);
    if (rows->is_null(0, 0)) return std::optional<Period>();
    const auto day = [](std::int64_t number) { return base::Day(std::chrono::days(number)); };
    return std::optional(Period{day(rows->integer(0, 0)), day(rows->integer(0, 1) + 1)});
  }

  base::Result<std::int64_t> version(std::int64_t customer) override {
    const auto rows = ask(postgres::kFactsVersion, PostgresValues().int64(customer));
    if (!rows) return base::pass_on(rows);
    return rows->size() == 0 ? 0 : rows->integer(0, 0);
  }

  base::Result<> expect_resources(std::int64_t customer, std::span<const std::int64_t> resources,
                                  Period period) override;
  base::Result<std::optional<ResourceText>> resource(std::int64_t customer, std::int64_t resource) override;
  base::Result<UtilisationSum> utilisation(std::int64_t customer, std::int64_t resource, Period period) override;
  base::Result<std::vector<Commitment>> commitments(std::int64_t customer, Period period, std::size_t limit) override;

  base::Result<PostgresRows> ask(const io::PostgresStatement& statement, const PostgresValues& values) {
    return session_->run(statement, values, until_);
  }

  // Slices that rows of parts that count are about to name.
  base::Result<> expect_slices(std::span<const std::int64_t> ids) {
    return fetch_unknown(ids, slices_, postgres::kSlicesOfIds, [this](const PostgresRows& rows, int row) {
      slices_.keep(rows.integer(row, 0), slice_at(rows, row));
    });
  }

 private:
  template <class Remembered, class Keep>
  base::Result<> fetch_unknown(std::span<const std::int64_t> ids, const Remembered& remembered,
                               const io::PostgresStatement& statement, Keep keep) {
    std::set<std::int64_t> distinct;
    for (const std::int64_t id : ids) {
      if (!remembered.has(id)) distinct.insert(id);
    }
    const Numbers unknown(distinct.begin(), distinct.end());
    for (std::span<const std::int64_t> rest(unknown); !rest.empty();) {
      const auto some = rest.first(std::min(rest.size(), kMostAtOnce));
      rest = rest.subspan(some.size());
      const auto rows = ask(statement, PostgresValues().int64s(some));
      if (!rows) return base::pass_on(rows);
      for (int row = 0; row < rows->size(); ++row) keep(*rows, row);
    }
    return {};
  }

  base::Result<> read_utilisation(std::int64_t customer, std::span<const std::int64_t> resources, Period period);
  base::Result<> read_names(std::int64_t customer, std::span<const std::int64_t> resources);

  PostgresPool::Lease session_;
  const Nanoseconds until_;
  RememberedTexts& texts_;
  RememberedSlices& slices_;
  std::pair<std::int64_t, Numbers> hidden_{-1, {}};  // of which customer
  std::set<const char*> open_cursors_;
  PostgresDetailCursors details_;
  // Of resources that were expected.
  std::unordered_map<std::int64_t, ResourceText> names_;
  std::unordered_map<std::int64_t, UtilisationSum> utilisation_;
  std::set<std::int64_t> expected_;
  std::optional<io::PostgresTransaction> snapshot_;  // goes before the session does
};

class PostgresRollupCursor final : public RollupCursor {
 public:
  PostgresRollupCursor(PostgresFactSource& source, Rollup rollup, Numbers hidden)
      : source_(source), rollup_(rollup), keys_(static_cast<int>(key_size(rollup.level))), hidden_(std::move(hidden)) {}

  // The first rows, or the next ones.
  base::Result<> take(PostgresRows rows) {
    rows_.emplace(std::move(rows));
    at_ = 0;
    if (rollup_.level != Level::slice) return {};
    Numbers slices;
    for (int row = 0; row < rows_->size(); ++row) {
      if (!std::binary_search(hidden_.begin(), hidden_.end(), rows_->integer(row, 1 + keys_)))
        slices.push_back(rows_->integer(row, 1));
    }
    return source_.expect_slices(slices);
  }

  base::Result<bool> next(RollupRow& row) override {
    if (at_ == rows_->size()) {
      if (at_ < postgres::kFetched) return false;
      auto more = source_.ask(postgres::statements_of(rollup_).fetch, PostgresValues());
      if (!more) return base::pass_on(more);
      if (const auto taken = take(std::move(*more)); !taken) return base::pass_on(taken);
      if (rows_->size() == 0) return false;
    }
    row.time = rows_->integer(at_, 0);
    for (int i = 0; i < keys_; ++i) row.key[static_cast<std::size_t>(i)] = rows_->integer(at_, 1 + i);
    row.part = rows_->integer(at_, 1 + keys_);
    const auto costs = costs_at(*rows_, at_, 2 + keys_);
    if (!costs) return base::pass_on(costs);
    row.costs = *costs;
    row.quantity.reset();
    if (const int column = 6 + keys_; has_quantities(rollup_.level) && !rows_->is_null(at_, column)) {
      const auto quantity = amount_at(*rows_, at_, column);
      if (!quantity) return base::pass_on(quantity);
      row.quantity = *quantity;
    }
    ++at_;
    return true;
  }

 private:
  PostgresFactSource& source_;
  const Rollup rollup_;
  const int keys_;
  const Numbers hidden_;
  std::optional<PostgresRows> rows_;
  int at_ = 0;
};

base::Result<std::unique_ptr<RollupCursor>> PostgresFactSource::rollup(Rollup rollup, std::int64_t customer,
                                                                       std::int64_t from, std::int64_t to) {
  auto hidden = hidden_parts(customer);
  if (!hidden) return base::pass_on(hidden);
  const postgres::RollupStatements& statements = postgres::statements_of(rollup);
  io::PostgresPipeline pipeline(*session_);
  if (!open_cursors_.insert(statements.fetch.name).second) pipeline.add(statements.close);
  PostgresValues values;
  values.int64(customer).int32(static_cast<std::int32_t>(from)).int32(static_cast<std::int32_t>(to));
  pipeline.add(statements.declare, std::move(values));
  pipeline.add(statements.fetch);
  auto rows = pipeline.run(until_);
  if (!rows) return base::pass_on(rows);
  auto cursor = std::make_unique<PostgresRollupCursor>(*this, rollup, std::move(*hidden));
  if (const auto taken = cursor->take(std::move(rows->back())); !taken) return base::pass_on(taken);
  return cursor;
}

base::Result<std::unique_ptr<FactCursor<InventoryRow>>> PostgresFactSource::inventory(std::int64_t customer,
                                                                                      std::int64_t after) {
  auto hidden = hidden_parts(customer);
  if (!hidden) return base::pass_on(hidden);
  return details_.inventory(customer, after, [this, hidden = std::move(*hidden)](std::span<const InventoryRow> rows) {
    Numbers slices;
    for (const InventoryRow& row : rows) {
      if (!std::binary_search(hidden.begin(), hidden.end(), row.part)) slices.push_back(row.slice);
    }
    return expect_slices(slices);
  });
}

base::Result<> PostgresFactSource::expect_resources(std::int64_t customer, std::span<const std::int64_t> resources,
                                                    Period period) {
  names_.clear();
  utilisation_.clear();
  expected_ = {resources.begin(), resources.end()};
  for (auto rest = resources; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kMostAtOnce));
    rest = rest.subspan(some.size());
    if (auto read = read_names(customer, some); !read) return read;
    if (auto read = read_utilisation(customer, some, period); !read) return read;
  }
  Numbers texts;
  for (const auto& [resource, of] : names_) texts.insert(texts.end(), {of.name, of.type});
  return expect_texts(texts);
}

base::Result<> PostgresFactSource::read_names(std::int64_t customer, std::span<const std::int64_t> resources) {
  const auto rows = ask(postgres::kResourceNames, PostgresValues().int64(customer).int64s(resources));
  if (!rows) return base::pass_on(rows);
  for (int row = 0; row < rows->size(); ++row)
    names_[rows->integer(row, 0)] = {rows->integer(row, 1), rows->integer(row, 2)};
  return {};
}

base::Result<> PostgresFactSource::read_utilisation(std::int64_t customer, std::span<const std::int64_t> resources,
                                                    Period period) {
  const auto hidden = hidden_parts(customer);
  if (!hidden) return base::pass_on(hidden);
  PostgresValues values;
  values.int64(customer).int64s(resources).int32(number_of(period.from)).int32(number_of(period.to)).int64s(*hidden);
  const auto rows = ask(postgres::kUtilisation, values);
  if (!rows) return base::pass_on(rows);
  for (int row = 0; row < rows->size(); ++row) {
    UtilisationSum& sum = utilisation_[rows->integer(row, 0)];
    sum.hours = rows->integer(row, 1);
    int column = 2;
    for (double* value :
         {&sum.cpu_sum, &sum.cpu_max, &sum.memory_sum, &sum.memory_max, &sum.network_sum, &sum.disk_sum})
      *value = rows->number(row, column++).value_or(0);
  }
  return {};
}

base::Result<std::optional<FactSource::ResourceText>> PostgresFactSource::resource(std::int64_t customer,
                                                                                   std::int64_t resource) {
  if (!expected_.contains(resource)) {
    if (const auto read = read_names(customer, {&resource, 1}); !read) return base::pass_on(read);
  }
  const auto found = names_.find(resource);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

base::Result<UtilisationSum> PostgresFactSource::utilisation(std::int64_t customer, std::int64_t resource,
                                                             Period period) {
  if (!expected_.contains(resource)) {
    utilisation_.erase(resource);
    if (const auto read = read_utilisation(customer, {&resource, 1}, period); !read) return base::pass_on(read);
  }
  const auto found = utilisation_.find(resource);
  return found == utilisation_.end() ? UtilisationSum() : found->second;
}

base::Result<Commitment> commitment_at(const PostgresRows& rows, int row) {
  Commitment found;
  int column = 0;
  for (std::string* text : {&found.provider, &found.contract_id, &found.id, &found.category, &found.type,
                            &found.description, &found.unit, &found.currency})
    *text = rows.text(row, column++);
  for (base::Decimal* number : {&found.quantity, &found.cost}) {
    const auto amount = amount_at(rows, row, column++);
    if (!amount) return base::pass_on(amount);
    *number = *amount;
  }
  for (base::Seconds* time : {&found.contract_start, &found.contract_end, &found.start, &found.end})
    *time = base::Seconds(std::chrono::seconds(rows.integer(row, column++)));
  return found;
}

base::Result<std::vector<Commitment>> PostgresFactSource::commitments(std::int64_t customer, Period period,
                                                                      std::size_t limit) {
  const auto seconds = [](base::Day day) { return base::Seconds(day).time_since_epoch().count(); };
  PostgresValues values;
  values.int64(customer).int64(seconds(period.from)).int64(seconds(period.to)).int64(static_cast<std::int64_t>(limit));
  const auto rows = ask(postgres::kCommitments, values);
  if (!rows) return base::pass_on(rows);
  std::vector<Commitment> found;
  for (int row = 0; row < rows->size(); ++row) {
    auto commitment = commitment_at(*rows, row);
    if (!commitment) return base::pass_on(commitment);
    found.push_back(std::move(*commitment));
  }
  return found;
}

}  // namespace

base::Result<std::unique_ptr<FactSource>> make_postgres_fact_source(PostgresPool::Lease session, Nanoseconds until,
                                                                    RememberedTexts& texts, RememberedSlices& slices) {
  auto source = std::make_unique<PostgresFactSource>(std::move(session), until, texts, slices);
  if (const auto begun = source->begin(); !begun) return base::pass_on(begun);
  return source;
}

}  // namespace costagent
