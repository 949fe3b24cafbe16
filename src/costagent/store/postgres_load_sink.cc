#include "costagent/store/postgres_load_sink.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/deadline.h"
#include "costagent/store/postgres_chunk.h"
#include "costagent/store/postgres_costs.h"
#include "costagent/store/postgres_detail_queries.h"
#include "costagent/store/postgres_details.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_numbers.h"
#include "costagent/store/postgres_publish.h"
#include "costagent/store/postgres_tables.h"
#include "costagent/store/rollup_sql.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using io::PostgresValues;

// To say that a delivery was left. Who doesn't get to say so has it cleared away in an hour.
constexpr Nanoseconds kLeaving = std::chrono::seconds(1);
// A hundred years, which are no bill.
constexpr std::size_t kMaxMonths = 1200;

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

std::int32_t day_of(std::int64_t number) { return static_cast<std::int32_t>(number); }

class PostgresLoadSink final : public LoadSink {
 public:
  PostgresLoadSink(PostgresPool& pool, const base::Clock& clock, KnownMonths& known_months, Delivery delivery)
      : pool_(pool), clock_(clock), known_months_(known_months), delivery_(std::move(delivery)), chunk_(pool, clock) {}

  ~PostgresLoadSink() override {
    if (published_ || id_ == 0) return;
    known_months_.forget();
    leave();
  }

  base::Result<> register_delivery() {
    if (auto begun = begin_chunk(); !begun) return begun;
    const std::string_view customer = delivery_.customer;
    if (auto found = text_ids({&customer, 1}, {&customer_, 1}); !found) return found;
    const auto added = chunk_.ask(postgres::kAddDelivery, PostgresValues().int64(customer_).int64(now()));
    if (!added) return base::pass_on(added);
    id_ = added->integer(0, 0);
    next_file_ = added->integer(0, 1);
    next_part_ = added->integer(0, 2);
    chunk_.set_delivery(id_);
    return commit_chunk();
  }

  base::Result<> begin_chunk() override { return chunk_.begin(); }
  base::Result<> commit_chunk() override { return chunk_.commit(std::exchange(file_ended_, false)); }
  base::Result<> advance() override { return chunk_.advance(); }

  base::Result<> text_ids(std::span<const std::string_view> texts, std::span<std::int64_t> ids) override {
    if (auto done = chunk_.end_copy(); !done) return done;
    return numbers_.of_texts(chunk_.session(), texts, ids, chunk_.until());
  }

  base::Result<> slice_ids(std::span<const SliceIds> slices, std::span<std::int64_t> ids) override {
    if (auto done = chunk_.end_copy(); !done) return done;
    return PostgresNumbers::of_slices(chunk_.session(), slices, ids, chunk_.until());
  }

  base::Result<std::int64_t> add_file(const SourceFile& file) override {
    const auto id = next(next_file_, postgres::kNextFile);
    if (!id) return id;
    PostgresValues values;
    values.int64(*id).int64(customer_).int64(id_).bytes(file.name).bytes(file.format).bytes(file.header);
    if (const auto added = chunk_.step(postgres::kAddFile, std::move(values.text(file.beginning))); !added)
      return base::pass_on(added);
    return id;
  }

  base::Result<> end_file(std::int64_t file, const std::string& digest, const FileTally& tally) override {
    file_ended_ = true;
    PostgresValues values;
    values.int64(file).text(digest).int64(tally.rows).int64(tally.rejected);
    return chunk_.step(postgres::kEndFile, values.numeric(tally.billed_cost).numeric(tally.effective_cost));
  }

  base::Result<std::int64_t> add_part(const PartKey& key) override {
    std::int64_t none = 0;
    const std::string_view texts[] = {key.provider, key.billing_account};
    std::int64_t ids[2] = {0, 0};
    if (const auto found = text_ids(texts, ids); !found) return base::pass_on(found);
    // Of commitments what the part with the highest number says holds: it is asked for when there is one.
    const auto id = next(key.kind == PartKind::charges ? next_part_ : none, postgres::kNextPart);
    if (!id) return id;
    PostgresValues values;
    values.int64(*id)
        .int64(id_)
        .int64(customer_)
        .int16(static_cast<std::int16_t>(key.kind))
        .int64(ids[0])
        .int64(ids[1]);
    if (const auto added = chunk_.step(postgres::kAddPart, std::move(values.int32(day_of(key.billing_period)))); !added)
      return base::pass_on(added);
    if (key.kind != PartKind::charges) return id;
    const std::int64_t month = month_of(key.billing_period);
    if (const auto made = make_month(month); !made) return base::pass_on(made);
    months_of_parts_.emplace(*id, month);
    return id;
  }

  base::Result<> link(std::int64_t file, std::int64_t part) override {
    return chunk_.step(postgres::kLinkFile, PostgresValues().int64(part).int64(file));
  }

  base::Result<> set_extent(const PartExtent& extent) override {
    PostgresValues values;
    values.int64(extent.part).int32(day_of(extent.first_day)).int32(day_of(extent.last_day)).int64(extent.rows);
    return chunk_.step(postgres::kSetExtent, std::move(values));
  }

  base::Result<> set_costs(const PartCosts& costs) override {
    PostgresValues values;
    put_costs(values.int64(costs.part).int64(costs.currency), costs.costs);
    return chunk_.step(postgres::kSetPartCosts, std::move(values));
  }

  base::Result<> add(std::span<const ChargeRow> charges) override {
    if (auto begun = chunk_.add_rows(postgres::charge_table(), charges.size()); !begun) return begun;
    std::int64_t part = -1;
    std::int32_t month = 0;
    for (const ChargeRow& charge : charges) {
      if (charge.part != part) {
        part = charge.part;
        month = day_of(months_of_parts_.at(part));
      }
      PostgresValues& row = chunk_.row();
      row.int64(charge_id(part, charge.number)).int64(charge.slice).int64(charge.start).int64(charge.seconds);
      put_costs(row.int32(month).numeric(charge.quantity), charge.costs);
      if (auto added = chunk_.end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(const RawBlock& block) override {
    if (auto begun = chunk_.add_rows(postgres::raw_block_table(), 1); !begun) return begun;
    chunk_.row()
        .int64(block.part)
        .int64(block.number)
        .int64(block.file)
        .int64(block.lines)
        .int64(block.size)
        .bytes(block.packed);
    return chunk_.end_row();
  }

  base::Result<> add(std::span<const ResourceName> names) override {
    // What comes last of a resource holds.
    std::map<std::int64_t, const ResourceName*> newest;
    for (const ResourceName& name : names) newest[name.resource] = &name;
    std::vector<std::int64_t> columns[3];
    for (const auto& [resource, name] : newest) {
      columns[0].push_back(resource);
      columns[1].push_back(name->name);
      columns[2].push_back(name->type);
    }
    PostgresValues values;
    values.int64(customer_);
    for (const auto& column : columns) values.int64s(column);
    return chunk_.step(postgres::kNameResources, std::move(values));
  }

  base::Result<> add(Rollup rollup, std::span<const RollupRow> rows) override {
    const PostgresTable& table = postgres::rollup_table(rollup);
    std::int64_t time = -1;
    for (const RollupRow& row : rows) {
      if (row.time != time) {
        time = row.time;
        if (rollup.grain == Grain::day) {
          if (auto made = make_month(month_of(time)); !made) return made;
        }
        if (auto begun = chunk_.add_rows(table, rows.size()); !begun) return begun;
      }
      PostgresValues& values = chunk_.row().int64(customer_);
      for (std::size_t i = 0; i < key_size(rollup.level); ++i) values.int64(row.key[i]);
      put_costs(values.int64(row.part).int32(day_of(time)).int32(static_cast<std::int32_t>(row.flush)), row.costs);
      if (has_quantities(rollup.level)) row.quantity ? values.numeric(*row.quantity) : values.null();
      if (auto added = chunk_.end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::span<const UtilisationRow> rows) override {
    if (auto begun = chunk_.add_rows(postgres::utilisation_table(), rows.size()); !begun) return begun;
    for (const UtilisationRow& row : rows) {
      PostgresValues& values = chunk_.row().int64(customer_).int64(row.resource).int64(row.part).int32(day_of(row.day));
      values.int32(static_cast<std::int32_t>(row.flush)).int64(row.hours).real(row.cpu_sum).real(row.cpu_max);
      values.real(row.memory_sum).real(row.memory_max).real(row.network_sum).real(row.disk_sum);
      if (auto added = chunk_.end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::int64_t part, std::span<const Commitment> commitments) override {
    if (auto begun = chunk_.add_rows(postgres::commitment_table(), commitments.size()); !begun) return begun;
    for (const Commitment& commitment : commitments) {
      PostgresValues& values = chunk_.row().int64(part).int64(commitments_++);
      for (const std::string* text :
           {&commitment.provider, &commitment.contract_id, &commitment.id, &commitment.category, &commitment.type,
            &commitment.description, &commitment.unit})
        values.bytes(*text);
      values.numeric(commitment.quantity).bytes(commitment.currency).numeric(commitment.cost);
      for (const base::Seconds time :
           {commitment.contract_start, commitment.contract_end, commitment.start, commitment.end})
        values.int64(seconds_of(time));
      if (auto added = chunk_.end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(CoverageGrain grain, std::span<const CoverageRow> rows) override {
    return add_rows(postgres::coverage_table(grain), rows);
  }
  base::Result<> add(std::span<const PriceRow> rows) override { return add_rows(postgres::price_table(), rows); }
  base::Result<> add(std::span<const InventoryRow> rows) override {
    return add_rows(postgres::inventory_table(), rows);
  }

  base::Result<Publication> publish(std::span<const std::string> known) override {
    if (const auto begun = begin_chunk(); !begun) return base::pass_on(begun);
    if (const auto sent = chunk_.send_steps(); !sent) return base::pass_on(sent);
    auto publication = publish_delivery(chunk_.session(), {id_, customer_, delivery_.restatement}, now(), known,
                                        asked_for_, chunk_.until());
    chunk_.leave();
    if (!publication) return publication;
    asked_for_.insert(publication->missing.begin(), publication->missing.end());
    published_ = publication->missing.empty();
    return publication;
  }

 private:
  std::int64_t now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()).time_since_epoch().count(); }

  void leave() {
    const Nanoseconds until = base::SystemClock::monotonic_now() + kLeaving;
    chunk_.leave();
    if (auto session = pool_.lend(until))
      static_cast<void>((*session)->run(postgres::kLeaveDelivery, PostgresValues().int64(id_), until));
  }

  // The first number was told with the delivery's; others are asked for.
  base::Result<std::int64_t> next(std::int64_t& told, const io::PostgresStatement& another) {
    if (told != 0) return std::exchange(told, 0);
    const auto number = chunk_.ask(another, {});
    if (!number) return base::pass_on(number);
    return number->integer(0, 0);
  }

  // The partitions of a month, with one question: a bill's month has charges and sums. In a transaction of their own,
  // as one at a time makes them.
  base::Result<> make_month(std::int64_t month) {
    if (!months_.insert(month).second) return {};
    if (months_.size() > kMaxMonths)
      return base::fail(base::ErrorKind::too_large, "the bill has charges of more than a hundred years");
    if (known_months_.has(month)) return {};
    if (auto sent = chunk_.send_steps(); !sent) return sent;
    if (auto made = chunk_.ask(postgres::kAddMonth, PostgresValues().int32(day_of(month))); !made)
      return base::pass_on(made);
    known_months_.add(month);
    return {};
  }

  template <class Row>
  base::Result<> add_rows(const PostgresTable& table, std::span<const Row> rows) {
    if (auto begun = chunk_.add_rows(table, rows.size()); !begun) return begun;
    for (const Row& row : rows) {
      put_row(chunk_.row(), customer_, row);
      if (auto added = chunk_.end_row(); !added) return added;
    }
    return {};
  }

  PostgresPool& pool_;
  const base::Clock& clock_;
  KnownMonths& known_months_;
  const Delivery delivery_;
  std::int64_t customer_ = 0;
  std::int64_t id_ = 0;
  std::int64_t next_file_ = 0;  // 0: not told
  std::int64_t next_part_ = 0;
  bool published_ = false;
  bool file_ended_ = false;          // in this chunk
  std::set<std::string> asked_for_;  // files that publishing missed
  PostgresNumbers numbers_;
  std::set<std::int64_t> months_;                         // whose partitions are there
  std::map<std::int64_t, std::int64_t> months_of_parts_;  // of charges
  std::int64_t commitments_ = 0;                          // so far
  PostgresChunk chunk_;
};

}  // namespace

base::Result<std::unique_ptr<LoadSink>> make_postgres_load_sink(PostgresPool& pool, const base::Clock& clock,
                                                                KnownMonths& known_months, const Delivery& delivery) {
  auto sink = std::make_unique<PostgresLoadSink>(pool, clock, known_months, delivery);
  if (const auto registered = sink->register_delivery(); !registered) return base::pass_on(registered);
  return sink;
}

}  // namespace costagent
