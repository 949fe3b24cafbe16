#include "costagent/store/postgres_load_sink.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/deadline.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_costs.h"
#include "costagent/store/postgres_detail_queries.h"
#include "costagent/store/postgres_details.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_numbers.h"
#include "costagent/store/postgres_publish.h"
#include "costagent/store/postgres_rollup_sql.h"
#include "costagent/store/rollup_sql.h"
#include "io/postgresql_copy.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using io::PostgresValues;

// What a chunk may take: the sums of a large bill are a million rows, and disks may be slow. A server that hangs is
// noticed after that.
constexpr Nanoseconds kChunkTime = std::chrono::minutes(2);
// To say that a delivery was left. Who doesn't get to say so has it cleared away in an hour.
constexpr Nanoseconds kLeaving = std::chrono::seconds(1);
// Statements that are sent together.
constexpr std::size_t kMostSteps = 256;
// A hundred years of charges and the three daily rollups, which are no bill.
constexpr std::size_t kMaxMonths = 4800;
// How often the database is told that the delivery is being worked on, where no rows tell it: it need be once an hour.
constexpr std::int64_t kBetweenTouches = 60;

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

std::int32_t day_of(std::int64_t number) { return static_cast<std::int32_t>(number); }

class PostgresLoadSink final : public LoadSink {
 public:
  PostgresLoadSink(PostgresPool& pool, const base::Clock& clock, Delivery delivery)
      : pool_(pool), clock_(clock), delivery_(std::move(delivery)) {}

  ~PostgresLoadSink() override {
    copy_.reset();
    if (!published_ && id_ != 0) leave();
  }

  base::Result<> register_delivery() {
    if (auto begun = begin_chunk(); !begun) return begun;
    const std::string_view customer = delivery_.customer;
    if (auto found = text_ids({&customer, 1}, {&customer_, 1}); !found) return found;
    touched_ = now();
    const auto id = number(postgres::kAddDelivery, PostgresValues().int64(customer_).int64(touched_));
    if (!id) return base::pass_on(id);
    id_ = *id;
    return commit_chunk();
  }

  base::Result<> begin_chunk() override {
    if (auto done = end_copy(); !done) return done;
    if (session_ && pool_.use().waiting > 0) session_.reset();
    if (!session_) {
      auto session = pool_.lend(store_deadline());
      if (!session) return base::pass_on(session);
      session_.emplace(std::move(*session));
    }
    until_ = base::SystemClock::monotonic_now() + base::time_left(kChunkTime);
    return {};
  }

  base::Result<> commit_chunk() override {
    if (id_ != 0 && now() - touched_ >= kBetweenTouches) {
      touched_ = now();
      if (auto told = step(postgres::kTouchDelivery, PostgresValues().int64(id_).int64(touched_)); !told) return told;
    }
    if (auto sent = send_steps(); !sent) return sent;
    if (copy_ && copied_ == postgres::kCopyCharges && !file_ended_) return copy_->close();
    file_ended_ = false;
    if (auto done = end_copy(); !done) return done;
    session_.reset();
    return {};
  }

  base::Result<> advance() override { return copy_ ? copy_->advance() : base::Result<>(); }

  base::Result<> text_ids(std::span<const std::string_view> texts, std::span<std::int64_t> ids) override {
    if (auto done = end_copy(); !done) return done;
    return numbers_.of_texts(**session_, texts, ids, until_);
  }

  base::Result<> slice_ids(std::span<const SliceIds> slices, std::span<std::int64_t> ids) override {
    if (auto done = end_copy(); !done) return done;
    return PostgresNumbers::of_slices(**session_, slices, ids, until_);
  }

  base::Result<std::int64_t> add_file(const SourceFile& file) override {
    PostgresValues values;
    values.int64(customer_).int64(id_).bytes(file.name).bytes(file.format).bytes(file.header).text(file.beginning);
    return number(postgres::kAddFile, values);
  }

  base::Result<> end_file(std::int64_t file, const std::string& digest, const FileTally& tally) override {
    file_ended_ = true;
    PostgresValues values;
    values.int64(file).text(digest).int64(tally.rows).int64(tally.rejected);
    return step(postgres::kEndFile, values.numeric(tally.billed_cost).numeric(tally.effective_cost));
  }

  base::Result<std::int64_t> add_part(const PartKey& key) override {
    const std::string_view texts[] = {key.provider, key.billing_account};
    std::int64_t ids[2] = {0, 0};
    if (const auto found = text_ids(texts, ids); !found) return base::pass_on(found);
    PostgresValues values;
    values.int64(id_).int64(customer_).int16(static_cast<std::int16_t>(key.kind)).int64(ids[0]).int64(ids[1]);
    const auto id = number(postgres::kAddPart, values.int32(day_of(key.billing_period)));
    if (!id || key.kind != PartKind::charges) return id;
    const std::int64_t month = month_of(key.billing_period);
    if (const auto made = make_month("charge", month); !made) return base::pass_on(made);
    months_of_parts_.emplace(*id, month);
    return id;
  }

  base::Result<> link(std::int64_t file, std::int64_t part) override {
    return step(postgres::kLinkFile, PostgresValues().int64(part).int64(file));
  }

  base::Result<> set_extent(const PartExtent& extent) override {
    PostgresValues values;
    values.int64(extent.part).int32(day_of(extent.first_day)).int32(day_of(extent.last_day)).int64(extent.rows);
    return step(postgres::kSetExtent, std::move(values));
  }

  base::Result<> set_costs(const PartCosts& costs) override {
    PostgresValues values;
    put_costs(values.int64(costs.part).int64(costs.currency), costs.costs);
    return step(postgres::kSetPartCosts, std::move(values));
  }

  base::Result<> add(std::span<const ChargeRow> charges) override {
    if (auto begun = begin_copy(postgres::kCopyCharges); !begun) return begun;
    std::int64_t part = -1;
    std::int32_t month = 0;
    for (const ChargeRow& charge : charges) {
      if (charge.part != part) {
        part = charge.part;
        month = day_of(months_of_parts_.at(part));
      }
      PostgresValues& row = copy_->row();
      row.int64(charge_id(part, charge.number)).int64(charge.slice).int64(charge.start).int64(charge.seconds);
      put_costs(row.int32(month).numeric(charge.quantity), charge.costs);
      if (auto added = copy_->end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(const RawBlock& block) override {
    if (auto begun = begin_copy(postgres::kCopyRawBlocks); !begun) return begun;
    copy_->row()
        .int64(block.part)
        .int64(block.number)
        .int64(block.file)
        .int64(block.lines)
        .int64(block.size)
        .bytes(block.packed);
    return copy_->end_row();
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
    return step(postgres::kNameResources, std::move(values));
  }

  base::Result<> add(Rollup rollup, std::span<const RollupRow> rows) override {
    const char* const copy = postgres::statements_of(rollup).copy.c_str();
    std::int64_t time = -1;
    for (const RollupRow& row : rows) {
      if (row.time != time) {
        time = row.time;
        if (rollup.grain == Grain::day) {
          if (auto made = make_month(table_of(rollup), month_of(time)); !made) return made;
        }
        if (auto begun = begin_copy(copy); !begun) return begun;
      }
      PostgresValues& values = copy_->row().int64(customer_);
      for (std::size_t i = 0; i < key_size(rollup.level); ++i) values.int64(row.key[i]);
      put_costs(values.int64(row.part).int32(day_of(time)).int32(static_cast<std::int32_t>(row.flush)), row.costs);
      if (has_quantities(rollup.level)) row.quantity ? values.numeric(*row.quantity) : values.null();
      if (auto added = copy_->end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::span<const UtilisationRow> rows) override {
    if (auto begun = begin_copy(postgres::kCopyUtilisation); !begun) return begun;
    for (const UtilisationRow& row : rows) {
      PostgresValues& values = copy_->row().int64(customer_).int64(row.resource).int64(row.part).int32(day_of(row.day));
      values.int32(static_cast<std::int32_t>(row.flush)).int64(row.hours).real(row.cpu_sum).real(row.cpu_max);
      values.real(row.memory_sum).real(row.memory_max).real(row.network_sum).real(row.disk_sum);
      if (auto added = copy_->end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(std::int64_t part, std::span<const Commitment> commitments) override {
    if (auto begun = begin_copy(postgres::kCopyCommitments); !begun) return begun;
    for (const Commitment& commitment : commitments) {
      PostgresValues& values = copy_->row().int64(part).int64(commitments_++);
      for (const std::string* text :
           {&commitment.provider, &commitment.contract_id, &commitment.id, &commitment.category, &commitment.type,
            &commitment.description, &commitment.unit})
        values.bytes(*text);
      values.numeric(commitment.quantity).bytes(commitment.currency).numeric(commitment.cost);
      for (const base::Seconds time :
           {commitment.contract_start, commitment.contract_end, commitment.start, commitment.end})
        values.int64(seconds_of(time));
      if (auto added = copy_->end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> add(CoverageGrain grain, std::span<const CoverageRow> rows) override {
    return copy_rows(grain == CoverageGrain::month ? postgres::kCopyMonthlyCoverage : postgres::kCopyDailyCoverage,
                     rows);
  }
  base::Result<> add(std::span<const PriceRow> rows) override { return copy_rows(postgres::kCopyPrices, rows); }
  base::Result<> add(std::span<const InventoryRow> rows) override { return copy_rows(postgres::kCopyInventory, rows); }

  base::Result<Publication> publish(std::span<const std::string> known) override {
    if (const auto begun = begin_chunk(); !begun) return base::pass_on(begun);
    auto publication =
        publish_delivery(**session_, {id_, customer_, delivery_.restatement}, now(), known, asked_for_, until_);
    session_.reset();
    if (!publication) return publication;
    asked_for_.insert(publication->missing.begin(), publication->missing.end());
    published_ = publication->missing.empty();
    return publication;
  }

 private:
  std::int64_t now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()).time_since_epoch().count(); }

  void leave() {
    const Nanoseconds until = base::SystemClock::monotonic_now() + kLeaving;
    session_.reset();
    if (auto session = pool_.lend(until))
      static_cast<void>((*session)->run(postgres::kLeaveDelivery, PostgresValues().int64(id_), until));
  }

  // A statement whose answer is of no interest, but that it went well: sent with the next ones.
  base::Result<> step(const io::PostgresStatement& statement, PostgresValues values) {
    steps_.emplace_back(&statement, std::move(values));
    return steps_.size() < kMostSteps ? base::Result<>() : send_steps();
  }

  base::Result<> send_steps() {
    if (steps_.empty()) return {};
    const auto sent = run_steps();
    if (!sent) return base::pass_on(sent);
    return {};
  }

  // The last step's rows.
  base::Result<io::PostgresRows> run_steps() {
    if (const auto done = end_copy(); !done) return base::pass_on(done);
    io::PostgresPipeline pipeline(**session_);
    pipeline.add(postgres::kCommitLazily);
    for (auto& [statement, values] : steps_) pipeline.add(*statement, std::move(values));
    steps_.clear();
    auto rows = pipeline.run(until_);
    if (!rows) return refused(rows.error());
    return std::move(rows->back());
  }

  // One that gives a number.
  base::Result<std::int64_t> number(const io::PostgresStatement& statement, PostgresValues values) {
    steps_.emplace_back(&statement, std::move(values));
    const auto rows = run_steps();
    if (!rows) return base::pass_on(rows);
    return rows->integer(0, 0);
  }

  base::Result<> make_month(const char* table, std::int64_t month) {
    if (!months_.emplace(table, month).second) return {};
    if (months_.size() > kMaxMonths)
      return base::fail(base::ErrorKind::too_large, "the bill has charges of more than a hundred years");
    if (auto made = step(postgres::kAddMonth, PostgresValues().text(table).int32(day_of(month))); !made) return made;
    return send_steps();
  }

  // One that is under way goes on.
  base::Result<> begin_copy(const char* sql) {
    if (copy_ && copied_ == sql) return {};
    if (auto done = end_copy(); !done) return done;
    if (auto sent = send_steps(); !sent) return sent;
    touched_ = now();
    const std::string text = fmt::format(postgres::kBeforeCopy, id_, touched_, sql);
    auto copy = io::PostgresCopy::begin(**session_, text.c_str(), until_);
    if (!copy) return refused(copy.error());
    copy_.emplace(std::move(*copy));
    copied_ = sql;
    return {};
  }

  template <class Row>
  base::Result<> copy_rows(const char* sql, std::span<const Row> rows) {
    if (auto begun = begin_copy(sql); !begun) return begun;
    for (const Row& row : rows) {
      put_row(copy_->row(), customer_, row);
      if (auto added = copy_->end_row(); !added) return added;
    }
    return {};
  }

  base::Result<> end_copy() {
    if (!copy_) return {};
    const auto copied = copy_->finish();
    copy_.reset();
    if (!copied) return base::pass_on(copied);
    return {};
  }

  // In words for people what `touch`, or a reference to a delivery, says of one that is gone.
  base::Failure refused(const base::Error& error) {
    constexpr std::string_view kGone = "23000";
    constexpr std::string_view kNothingToReferTo = "23503";
    const std::string& state = (*session_)->refusal();
    if (error.kind == base::ErrorKind::conflict && (state == kGone || state == kNothingToReferTo))
      return was_cleared_away();
    return base::Failure(error);
  }

  PostgresPool& pool_;
  const base::Clock& clock_;
  const Delivery delivery_;
  std::int64_t customer_ = 0;
  std::int64_t id_ = 0;
  std::int64_t touched_ = 0;
  bool published_ = false;
  bool file_ended_ = false;          // in this chunk
  std::set<std::string> asked_for_;  // files that publishing missed
  PostgresNumbers numbers_;
  std::set<std::pair<std::string_view, std::int64_t>> months_;  // whose partitions are there, by table
  std::map<std::int64_t, std::int64_t> months_of_parts_;        // of charges
  std::int64_t commitments_ = 0;                                // so far
  std::vector<std::pair<const io::PostgresStatement*, PostgresValues>> steps_;

  std::optional<PostgresPool::Lease> session_;
  Nanoseconds until_{};                   // of the chunk
  std::optional<io::PostgresCopy> copy_;  // goes before its session does
  const char* copied_ = nullptr;          // its statement
};

}  // namespace

base::Result<std::unique_ptr<LoadSink>> make_postgres_load_sink(PostgresPool& pool, const base::Clock& clock,
                                                                const Delivery& delivery) {
  auto sink = std::make_unique<PostgresLoadSink>(pool, clock, delivery);
  if (const auto registered = sink->register_delivery(); !registered) return base::pass_on(registered);
  return sink;
}

}  // namespace costagent
