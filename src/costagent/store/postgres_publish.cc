#include "costagent/store/postgres_publish.h"

#include "costagent/store/load_sink.h"
#include "costagent/store/postgres_detail_queries.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_queries.h"
#include "costagent/store/postgres_rollup_sql.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using io::PostgresValues;

// Rows that one call clears at most, of each kind: some 50 ms.
constexpr std::int64_t kChargesAtOnce = 10'000;
constexpr std::int64_t kBlocksAtOnce = 64;
constexpr std::int64_t kDetailsAtOnce = 5'000;
// Of rollups it clears days, as many as have so many charges in the mean.
constexpr std::int64_t kSummedAtOnce = 10'000;

std::int32_t day_of(std::int64_t number) { return static_cast<std::int32_t>(number); }

using Statement = std::pair<const io::PostgresStatement*, PostgresValues>;

// A session within a transaction, and its time.
class Statements {
 public:
  Statements(io::Postgres& session, Nanoseconds until) : session_(session), until_(until) {}

  base::Result<io::PostgresRows> ask(const io::PostgresStatement& statement, const PostgresValues& values) {
    return session_.run(statement, values, until_);
  }
  base::Result<io::PostgresRows> ask(const io::PostgresStatement& statement, std::int64_t value) {
    return ask(statement, PostgresValues().int64(value));
  }
  // How many rows it changed.
  base::Result<std::int64_t> run(const io::PostgresStatement& statement, const PostgresValues& values) {
    const auto rows = ask(statement, values);
    if (!rows) return base::pass_on(rows);
    return rows->affected();
  }
  base::Result<> run(const io::PostgresStatement& statement, std::int64_t value) {
    const auto rows = ask(statement, value);
    if (!rows) return base::pass_on(rows);
    return {};
  }
  // One after the other, with one question.
  base::Result<std::vector<io::PostgresRows>> run_together(std::vector<Statement> all) {
    io::PostgresPipeline pipeline(session_);
    for (auto& [statement, values] : all) pipeline.add(*statement, std::move(values));
    return pipeline.run(until_);
  }

 private:
  io::Postgres& session_;
  Nanoseconds until_;
};

class PostgresPublishing final : public PublishingSteps {
 public:
  PostgresPublishing(io::Postgres& session, Nanoseconds until) : statements_(session, until) {}

  // Waits for others who publish something of the customer, and looks at what the first steps ask for.
  base::Result<> begin(const LoadedDelivery& delivery) {
    const auto of_delivery = [&] { return std::move(PostgresValues().int64(delivery.id)); };
    auto seen =
        statements_.run_together({{&postgres::kLockPublishing, std::move(PostgresValues().int64(delivery.customer))},
                                  {&postgres::kStateOfDelivery, of_delivery()},
                                  {&postgres::kTakenByOthers, of_delivery()},
                                  {&postgres::kOverlapping, of_delivery()}});
    if (!seen) return base::pass_on(seen);
    const io::PostgresRows& state = (*seen)[1];
    loading_ = state.size() == 1 && state.integer(0, 0) == 0;
    taken_ = files_in((*seen)[2]);
    const io::PostgresRows& old = (*seen)[3];
    for (int row = 0; row < old.size(); ++row) {
      const auto at = [&](int column) { return old.integer(row, column); };
      overlapping_.push_back({at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9)});
    }
    return {};
  }

  base::Result<bool> is_loading(std::int64_t) override { return loading_; }
  base::Result<std::vector<StoredFile>> taken_by_others(std::int64_t) override { return taken_; }
  base::Result<std::vector<OverlappingPart>> overlapping(std::int64_t) override { return overlapping_; }

  base::Result<std::vector<StoredFile>> files_of(std::int64_t part) override {
    const auto rows = statements_.ask(postgres::kFilesOfPart, part);
    if (!rows) return base::pass_on(rows);
    return files_in(*rows);
  }

  base::Result<std::string> text(std::int64_t id) override {
    const auto rows = statements_.ask(postgres::kTextOfId, id);
    if (!rows) return base::pass_on(rows);
    return rows->size() == 1 ? std::string(rows->text(0, 0)) : std::string();
  }

  // These are carried out with what lets the delivery count: nothing asked until then depends on them.
  base::Result<> replace_file(std::int64_t file) override {
    later_.emplace_back(&postgres::kReplaceFile, std::move(PostgresValues().int64(file)));
    return {};
  }
  base::Result<> replace_part(std::int64_t part, std::int64_t by) override {
    later_.emplace_back(&postgres::kReplacePart, std::move(PostgresValues().int64(part).int64(by)));
    return {};
  }

  base::Result<> let_count(const LoadedDelivery& delivery, std::int64_t now) override {
    later_.emplace_back(&postgres::kPublishFiles, std::move(PostgresValues().int64(delivery.id)));
    later_.emplace_back(&postgres::kPublishParts, std::move(PostgresValues().int64(delivery.id)));
    later_.emplace_back(&postgres::kPublishDelivery, std::move(PostgresValues().int64(delivery.id).int64(now)));
    later_.emplace_back(&postgres::kNextVersion, std::move(PostgresValues().int64(delivery.customer)));
    const auto done = statements_.run_together(std::exchange(later_, {}));
    if (!done) return base::pass_on(done);
    return {};
  }

 private:
  static std::vector<StoredFile> files_in(const io::PostgresRows& rows) {
    std::vector<StoredFile> found;
    for (int row = 0; row < rows.size(); ++row)
      found.push_back({rows.integer(row, 0), std::string(rows.text(row, 1)), std::string(rows.text(row, 2))});
    return found;
  }

  Statements statements_;
  bool loading_ = false;
  std::vector<StoredFile> taken_;
  std::vector<OverlappingPart> overlapping_;
  std::vector<Statement> later_;
};

struct Leftover {
  std::int64_t part = 0;
  std::int64_t customer = 0;
  PartKind kind = PartKind::charges;
  std::int64_t billing_period = 0;
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
  std::int64_t rows = 0;
};

class Clearing {
 public:
  Clearing(io::Postgres& session, Nanoseconds until) : statements_(session, until) {}

  // True while there is more to do.
  base::Result<bool> some(std::int64_t abandoned) {
    // What a crash brings back is cleared again.
    const auto seen = statements_.run_together({{&postgres::kCommitLazily, {}},
                                                {&postgres::kLockClearing, {}},
                                                {&postgres::kReplacedPart, {}},
                                                {&postgres::kGivenUpDelivery, {}}});
    if (!seen) return base::pass_on(seen);
    if (!(*seen)[1].boolean(0, 0)) return false;
    const auto replaced = leftover_in((*seen)[2]);
    if (replaced) {
      const auto cleared = part(*replaced);
      if (!cleared) return base::pass_on(cleared);
      if (*cleared) {
        if (const auto set = statements_.run(postgres::kPartIsCleared, replaced->part); !set) return base::pass_on(set);
      }
      if (!*cleared || (*seen)[2].size() > 1 || (*seen)[3].size() > 0) return true;
      return give_up_another(abandoned);
    }
    return some_of_a_delivery((*seen)[3], abandoned);
  }

 private:
  base::Result<bool> give_up_another(std::int64_t abandoned) {
    const auto another = statements_.run(postgres::kGiveUpDelivery, PostgresValues().int64(abandoned));
    if (!another) return base::pass_on(another);
    return *another > 0;
  }

  // One that was given up takes nothing more, so that what is cleared stays so.
  base::Result<bool> some_of_a_delivery(const io::PostgresRows& given_up, std::int64_t abandoned) {
    if (given_up.size() == 0) return give_up_another(abandoned);
    const std::int64_t delivery = given_up.integer(0, 0);
    const auto rows = statements_.ask(postgres::kPartOfDelivery, delivery);
    if (!rows) return base::pass_on(rows);
    const auto left = leftover_in(*rows);
    if (!left) {
      for (const auto* statement : {&postgres::kRemoveFiles, &postgres::kRemoveDelivery}) {
        if (const auto removed = statements_.run(*statement, delivery); !removed) return base::pass_on(removed);
      }
      return true;
    }
    const auto cleared = part(*left);
    if (!cleared || !*cleared) return cleared ? base::Result<bool>(true) : cleared;
    for (const auto* statement : {&postgres::kRemovePartCosts, &postgres::kRemoveLinks, &postgres::kRemovePart}) {
      if (const auto removed = statements_.run(*statement, left->part); !removed) return base::pass_on(removed);
    }
    return true;
  }

  static std::optional<Leftover> leftover_in(const io::PostgresRows& rows) {
    if (rows.size() == 0) return std::nullopt;
    const auto at = [&](int column) { return rows.integer(0, column); };
    return Leftover{at(0), at(1), static_cast<PartKind>(at(2)), at(3), at(4), at(5), at(6)};
  }

  // True once nothing of it is left.
  base::Result<bool> part(const Leftover& part) {
    if (part.kind == PartKind::charges) return charges(part);
    const auto& statement =
        part.kind == PartKind::utilisation ? postgres::kClearUtilisation : postgres::kClearCommitments;
    if (const auto cleared = statements_.run(statement, part.part); !cleared) return base::pass_on(cleared);
    return true;
  }

  // Some of each kind of row, with one question.
  base::Result<bool> charges(const Leftover& part) {
    const std::int64_t days = part.last_day - part.first_day + 1;
    const std::int64_t end =
        part.first_day +
        std::min(days, std::max<std::int64_t>(1, kSummedAtOnce * days / std::max<std::int64_t>(1, part.rows)));
    std::vector<Statement> clear;
    std::vector<std::int64_t> most;  // that each clears
    PostgresValues ids;
    ids.int32(day_of(month_of(part.billing_period))).int64(charge_id(part.part, 0));
    clear.emplace_back(&postgres::kClearCharges,
                       std::move(ids.int64(charge_id(part.part + 1, 0)).int64(kChargesAtOnce)));
    clear.emplace_back(&postgres::kClearRawBlocks, std::move(PostgresValues().int64(part.part).int64(kBlocksAtOnce)));
    most = {kChargesAtOnce, kBlocksAtOnce};
    for (const io::PostgresStatement& details : postgres::kClearDetails) {
      clear.emplace_back(&details, std::move(PostgresValues().int64(part.part).int64(kDetailsAtOnce)));
      most.push_back(kDetailsAtOnce);
    }
    for (const Rollup rollup : kRollups) {
      // A month goes with the first of its days.
      const bool of_months = rollup.grain == Grain::month;
      PostgresValues range;
      range.int64(part.customer)
          .int32(day_of(of_months ? month_of(part.first_day) : part.first_day))
          .int32(day_of(end));
      clear.emplace_back(&postgres::statements_of(rollup).clear, std::move(range.int64(part.part)));
    }
    if (end <= part.last_day)
      clear.emplace_back(&postgres::kSetFirstDay, std::move(PostgresValues().int64(part.part).int32(day_of(end))));
    const auto cleared = statements_.run_together(std::move(clear));
    if (!cleared) return base::pass_on(cleared);
    for (std::size_t i = 0; i < most.size(); ++i) {
      if ((*cleared)[i].affected() == most[i]) return false;
    }
    return end > part.last_day;
  }

  Statements statements_;
};

}  // namespace

base::Result<Publication> publish_delivery(io::Postgres& session, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for,
                                           Nanoseconds until) {
  auto transaction = io::PostgresTransaction::begin(session, until);
  if (!transaction) return base::pass_on(transaction);
  PostgresPublishing steps(session, until);
  if (const auto begun = steps.begin(delivery); !begun) return base::pass_on(begun);
  auto publication = publish_delivery(steps, delivery, now, known, asked_for);
  // What would go before files that it needs changes nothing: the transaction ends as it began.
  if (!publication || !publication->missing.empty()) return publication;
  if (const auto committed = transaction->commit(until); !committed) return base::pass_on(committed);
  return publication;
}

base::Result<bool> clear_some_leftovers(io::Postgres& session, std::int64_t abandoned, Nanoseconds until) {
  auto transaction = io::PostgresTransaction::begin(session, until);
  if (!transaction) return base::pass_on(transaction);
  const auto more = Clearing(session, until).some(abandoned);
  if (!more) return more;
  if (const auto committed = transaction->commit(until); !committed) return base::pass_on(committed);
  return more;
}

}  // namespace costagent
