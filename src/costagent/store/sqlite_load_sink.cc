#include "costagent/store/sqlite_load_sink.h"

#include <algorithm>
#include <optional>
#include <set>

#include "costagent/store/queries.h"
#include "costagent/store/rollup_sql.h"
#include "costagent/store/sqlite_amounts.h"
#include "costagent/store/sqlite_details.h"
#include "costagent/store/sqlite_publish.h"

namespace costagent {
namespace {

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

class SqliteLoadSink final : public LoadSink {
 public:
  // One of pool and connection.
  SqliteLoadSink(ConnectionPool* pool, io::Sqlite* connection, DictionaryWriter& dictionary, const base::Clock& clock,
                 Delivery delivery)
      : pool_(pool), connection_(connection), dictionary_(dictionary), clock_(clock), delivery_(std::move(delivery)) {}

  ~SqliteLoadSink() override {
    // What the dictionary learnt in a transaction that is rolled back is not in the database.
    if (writer_) dictionary_.forget();
    writer_.reset();
    if (!published_ && id_ != 0 && pool_ != nullptr) abandon();
  }

  base::Result<> register_delivery() {
    if (auto begun = begin_chunk(); !begun) return begun;
    const auto customer = dictionary_.id(connection(), delivery_.customer);
    if (!customer) return base::pass_on(customer);
    customer_ = *customer;
    const auto insert = connection().cached(kAddDelivery);
    if (!insert) return base::pass_on(insert);
    if (auto added = (*insert)->bind(1, customer_).bind(2, now()).run(); !added) return added;
    id_ = connection().last_insert_id();
    return commit_chunk();
  }

  base::Result<> begin_chunk() override {
    if (pool_ == nullptr) return {};
    auto writer = pool_->writer();
    if (!writer) return base::pass_on(writer);
    writer_.emplace(std::move(*writer));
    return {};
  }

  base::Result<> commit_chunk() override {
    const auto touch = connection().cached(kTouchDelivery);
    if (!touch) return base::pass_on(touch);
    if (auto touched = (*touch)->bind(1, now()).bind(2, id_).run(); !touched) return touched;
    if (!writer_) return {};
    if (auto committed = writer_->transaction.commit(); !committed) return committed;
    writer_.reset();
    return {};
  }

  base::Result<> text_ids(std::span<const std::string_view> texts, std::span<std::int64_t> ids) override {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto id = dictionary_.id(connection(), texts[i]);
      if (!id) return base::pass_on(id);
      ids[i] = *id;
    }
    return {};
  }

  base::Result<> slice_ids(std::span<const SliceIds> slices, std::span<std::int64_t> ids) override {
    const auto select = connection().cached(kSliceOfColumns);
    if (!select) return base::pass_on(select);
    const auto insert = connection().cached(kAddSlice);
    if (!insert) return base::pass_on(insert);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      int parameter = 1;
      for (const std::int64_t column : slices[i]) (*select)->bind(parameter++, column);
      const auto row = (*select)->step();
      if (!row) return base::pass_on(row);
      if (*row) {
        ids[i] = (*select)->integer(0);
        (*select)->reset();
        continue;
      }
      parameter = 1;
      for (const std::int64_t column : slices[i]) (*insert)->bind(parameter++, column);
      if (auto added = (*insert)->run(); !added) return added;
      ids[i] = connection().last_insert_id();
    }
    return {};
  }

  base::Result<std::int64_t> add_file(const SourceFile& file) override {
    const auto insert = connection().cached(kAddFile);
    if (!insert) return base::pass_on(insert);
    (*insert)->bind(1, customer_).bind(2, id_).bind(3, std::string_view(file.name));
    (*insert)->bind(4, std::string_view(file.format)).bind(5, std::string_view(file.header));
    (*insert)->bind(6, std::string_view(file.beginning));
    return inserted(**insert);
  }

  base::Result<> end_file(std::int64_t file, const std::string& digest, const FileTally& tally) override {
    const auto update = connection().cached(kEndFile);
    if (!update) return base::pass_on(update);
    const std::string billed = tally.billed_cost.to_string();
    const std::string effective = tally.effective_cost.to_string();
    (*update)->bind(1, std::string_view(digest)).bind(2, tally.rows).bind(3, tally.rejected);
    (*update)->bind(4, std::string_view(billed)).bind(5, std::string_view(effective)).bind(6, file);
    return (*update)->run();
  }

  base::Result<std::int64_t> add_part(const PartKey& key) override {
    std::int64_t ids[2] = {0, 0};
    const std::string_view texts[] = {key.provider, key.billing_account};
    if (const auto found = text_ids(texts, ids); !found) return base::pass_on(found);
    const auto insert = connection().cached(kAddPart);
    if (!insert) return base::pass_on(insert);
    (*insert)->bind(1, id_).bind(2, customer_).bind(3, static_cast<std::int64_t>(key.kind));
    (*insert)->bind(4, ids[0]).bind(5, ids[1]).bind(6, key.billing_period);
    return inserted(**insert);
  }

  base::Result<> link(std::int64_t file, std::int64_t part) override { return run(kLinkFile, {part, file}); }

  base::Result<> set_extent(const PartExtent& extent) override {
    return run(kSetExtent, {extent.first_day, extent.last_day, extent.rows, extent.part});
  }

  base::Result<> set_costs(const PartCosts& costs) override {
    const auto insert = connection().cached(kSetPartCosts);
    if (!insert) return base::pass_on(insert);
    (*insert)->bind(1, costs.part).bind(2, costs.currency);
    texts_.bind(**insert, 3, costs.costs);
    return (*insert)->run();
  }

  base::Result<> add(std::span<const ChargeRow> charges) override {
    const auto insert = connection().cached(kAddCharge);
    if (!insert) return base::pass_on(insert);
    for (const ChargeRow& charge : charges) {
      const std::string quantity = charge.quantity.to_string();
      (*insert)->bind(1, charge_id(charge.part, charge.number)).bind(2, charge.slice).bind(3, charge.start);
      (*insert)->bind(4, charge.seconds).bind(5, std::string_view(quantity));
      texts_.bind(**insert, 6, charge.costs);
      if (auto added = (*insert)->run(); !added) return added;
    }
    return {};
  }

  base::Result<> add(const RawBlock& block) override {
    const auto insert = connection().cached(kAddRawBlock);
    if (!insert) return base::pass_on(insert);
    (*insert)->bind(1, block.part).bind(2, block.number).bind(3, block.file).bind(4, block.lines).bind(5, block.size);
    return (*insert)->bind_blob(6, block.packed).run();
  }

  base::Result<> add(std::span<const ResourceName> names) override {
    for (const ResourceName& name : names) {
      if (auto added = run(kNameResource, {customer_, name.resource, name.name, name.type}); !added) return added;
    }
    return {};
  }

  base::Result<> add(Rollup rollup, std::span<const RollupRow> rows) override {
    const auto insert = connection().cached(add_rollup_sql(rollup));
    if (!insert) return base::pass_on(insert);
    const std::size_t keys = key_size(rollup.level);
    for (const RollupRow& row : rows) {
      (*insert)->bind(1, customer_).bind(2, row.time);
      int parameter = 3;
      for (std::size_t i = 0; i < keys; ++i) (*insert)->bind(parameter++, row.key[i]);
      (*insert)->bind(parameter, row.part).bind(parameter + 1, row.flush);
      texts_.bind(**insert, parameter + 2, row.costs);
      std::string quantity;
      if (has_quantities(rollup.level) && row.quantity) {
        quantity = row.quantity->to_string();
        (*insert)->bind(parameter + 6, std::string_view(quantity));
      } else if (has_quantities(rollup.level)) {
        (*insert)->bind_null(parameter + 6);
      }
      if (auto added = (*insert)->run(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::span<const UtilisationRow> rows) override {
    const auto insert = connection().cached(kAddUtilisation);
    if (!insert) return base::pass_on(insert);
    for (const UtilisationRow& row : rows) {
      (*insert)->bind(1, customer_).bind(2, row.resource).bind(3, row.day).bind(4, row.part).bind(5, row.flush);
      (*insert)->bind(6, row.hours).bind(7, row.cpu_sum).bind(8, row.cpu_max).bind(9, row.memory_sum);
      (*insert)->bind(10, row.memory_max).bind(11, row.network_sum).bind(12, row.disk_sum);
      if (auto added = (*insert)->run(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::int64_t part, std::span<const Commitment> commitments) override {
    const auto insert = connection().cached(kAddCommitment);
    if (!insert) return base::pass_on(insert);
    for (const Commitment& commitment : commitments) {
      int parameter = 1;
      (*insert)->bind(parameter++, part);
      for (const std::string* text :
           {&commitment.provider, &commitment.contract_id, &commitment.id, &commitment.category, &commitment.type,
            &commitment.description, &commitment.unit})
        (*insert)->bind(parameter++, std::string_view(*text));
      const std::string quantity = commitment.quantity.to_string();
      const std::string cost = commitment.cost.to_string();
      (*insert)->bind(parameter, std::string_view(quantity)).bind(parameter + 1, std::string_view(commitment.currency));
      (*insert)->bind(parameter + 2, std::string_view(cost));
      parameter += 3;
      for (const base::Seconds time :
           {commitment.contract_start, commitment.contract_end, commitment.start, commitment.end})
        (*insert)->bind(parameter++, seconds_of(time));
      if (auto added = (*insert)->run(); !added) return added;
    }
    return {};
  }

  base::Result<> add(CoverageGrain grain, std::span<const CoverageRow> rows) override {
    return add_details(connection(), customer_, grain, rows);
  }
  base::Result<> add(std::span<const PriceRow> rows) override { return add_details(connection(), customer_, rows); }
  base::Result<> add(std::span<const InventoryRow> rows) override { return add_details(connection(), customer_, rows); }

  base::Result<Publication> publish(std::span<const std::string> known) override {
    if (const auto begun = begin_chunk(); !begun) return base::pass_on(begun);
    auto publication =
        publish_delivery(connection(), {id_, customer_, delivery_.restatement}, now(), known, asked_for_);
    if (!publication || !publication->missing.empty()) {
      // What would go before files that it needs changes nothing: the transaction ends as it began.
      writer_.reset();
      if (publication) asked_for_.insert(publication->missing.begin(), publication->missing.end());
      return publication;
    }
    if (const auto committed = commit_chunk(); !committed) return base::pass_on(committed);
    published_ = true;
    return publication;
  }

 private:
  io::Sqlite& connection() { return writer_ ? writer_->connection : *connection_; }
  std::int64_t now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()).time_since_epoch().count(); }

  // So that it is cleared away soon, and not in an hour. Should that fail, as on a full disk, it is in an hour.
  void abandon() {
    if (!begin_chunk()) return;
    if (run(kTouchDelivery, {0, id_})) static_cast<void>(writer_->transaction.commit());
    writer_.reset();
  }

  base::Result<> run(const char* sql, std::initializer_list<std::int64_t> values) {
    const auto statement = connection().cached(sql);
    if (!statement) return base::pass_on(statement);
    int parameter = 1;
    for (const std::int64_t value : values) (*statement)->bind(parameter++, value);
    return (*statement)->run();
  }

  base::Result<std::int64_t> inserted(io::Statement& insert) {
    if (const auto added = insert.run(); !added) return base::pass_on(added);
    return connection().last_insert_id();
  }

  ConnectionPool* const pool_;
  io::Sqlite* const connection_;
  DictionaryWriter& dictionary_;
  const base::Clock& clock_;
  const Delivery delivery_;
  std::int64_t customer_ = 0;
  std::int64_t id_ = 0;
  bool published_ = false;
  std::set<std::string> asked_for_;               // files that publishing missed
  std::optional<ConnectionPool::Writer> writer_;  // while a chunk is written
  CostTexts texts_;
};

}  // namespace

base::Result<std::unique_ptr<LoadSink>> make_sqlite_load_sink(ConnectionPool& pool, DictionaryWriter& dictionary,
                                                              const base::Clock& clock, const Delivery& delivery) {
  auto sink = std::make_unique<SqliteLoadSink>(&pool, nullptr, dictionary, clock, delivery);
  if (const auto registered = sink->register_delivery(); !registered) return base::pass_on(registered);
  return sink;
}

base::Result<std::unique_ptr<LoadSink>> make_sqlite_load_sink(io::Sqlite& connection, DictionaryWriter& dictionary,
                                                              const base::Clock& clock, const Delivery& delivery) {
  auto sink = std::make_unique<SqliteLoadSink>(nullptr, &connection, dictionary, clock, delivery);
  if (const auto registered = sink->register_delivery(); !registered) return base::pass_on(registered);
  return sink;
}

}  // namespace costagent
