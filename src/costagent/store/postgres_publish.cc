#include "costagent/store/postgres_publish.h"

#include <map>
#include <optional>
#include <span>

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

class PostgresPublishing final : public PublishingSteps {
 public:
  explicit PostgresPublishing(io::Postgres& session) : pipeline_(session) {}

  // Waits for others who publish something of the customer, and looks at what the steps ask for.
  base::Result<> begin(const LoadedDelivery& delivery, Nanoseconds until) {
    transaction_.emplace(io::PostgresTransaction::begin(pipeline_));
    pipeline_.add(postgres::kPlanOnce);
    pipeline_.add(postgres::kLockPublishing, PostgresValues().int64(delivery.customer));
    std::vector<const io::PostgresStatement*> questions{&postgres::kStateOfDelivery, &postgres::kTakenByOthers};
    if (delivery.restatement != Restatement::add)
      questions.insert(questions.end(), {&postgres::kOverlapping, &postgres::kFilesOfOverlapping});
    for (const io::PostgresStatement* question : questions)
      pipeline_.add(*question, PostgresValues().int64(delivery.id));
    const auto seen = pipeline_.run(until);
    if (!seen) return base::pass_on(seen);
    const std::span<const io::PostgresRows> answers = std::span(*seen).last(questions.size());
    loading_ = answers[0].size() == 1 && answers[0].integer(0, 0) == 0;
    for (int row = 0; row < answers[1].size(); ++row) taken_.push_back(file_in(answers[1], row, 0));
    if (answers.size() == 2) return {};
    read_overlapping(answers[2]);
    for (int row = 0; row < answers[3].size(); ++row)
      files_[answers[3].integer(row, 0)].push_back(file_in(answers[3], row, 1));
    return {};
  }

  // Nothing is changed before this.
  base::Result<> commit(Nanoseconds until) {
    const auto committed = transaction_->commit(pipeline_, until);
    if (!committed) return base::pass_on(committed);
    return {};
  }

  base::Result<bool> is_loading(std::int64_t) override { return loading_; }
  base::Result<std::vector<StoredFile>> taken_by_others(std::int64_t) override { return taken_; }
  base::Result<std::vector<OverlappingPart>> overlapping(std::int64_t) override { return overlapping_; }
  base::Result<std::vector<StoredFile>> files_of(std::int64_t part) override { return files_[part]; }
  base::Result<std::string> text(std::int64_t id) override { return texts_[id]; }

  base::Result<> replace_file(std::int64_t file) override {
    pipeline_.add(postgres::kReplaceFile, PostgresValues().int64(file));
    return {};
  }
  base::Result<> replace_part(std::int64_t part, std::int64_t by) override {
    pipeline_.add(postgres::kReplacePart, PostgresValues().int64(part).int64(by));
    return {};
  }
  base::Result<> let_count(const LoadedDelivery& delivery, std::int64_t now) override {
    pipeline_.add(postgres::kPublishFiles, PostgresValues().int64(delivery.id));
    pipeline_.add(postgres::kPublishParts, PostgresValues().int64(delivery.id));
    pipeline_.add(postgres::kPublishDelivery, PostgresValues().int64(delivery.id).int64(now));
    pipeline_.add(postgres::kNextVersion, PostgresValues().int64(delivery.customer));
    return {};
  }

 private:
  static StoredFile file_in(const io::PostgresRows& rows, int row, int column) {
    return {rows.integer(row, column), std::string(rows.text(row, column + 1)),
            std::string(rows.text(row, column + 2))};
  }

  void read_overlapping(const io::PostgresRows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
      const auto at = [&](int column) { return rows.integer(row, column); };
      overlapping_.push_back({at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9)});
      texts_[at(2)] = rows.text(row, 10);
      texts_[at(3)] = rows.text(row, 11);
    }
  }

  io::PostgresPipeline pipeline_;
  std::optional<io::PostgresTransaction> transaction_;
  bool loading_ = false;
  std::vector<StoredFile> taken_;
  std::vector<OverlappingPart> overlapping_;
  std::map<std::int64_t, std::vector<StoredFile>> files_;  // of overlapping parts
  std::map<std::int64_t, std::string> texts_;              // that they are of
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
  Clearing(io::Postgres& session, Nanoseconds until) : pipeline_(session), until_(until) {}

  // True while there is more to do.
  base::Result<bool> some(std::int64_t abandoned) {
    auto transaction = io::PostgresTransaction::begin(pipeline_);
    pipeline_.add(postgres::kPlanOnceAndCommitLazily);  // what a crash brings back is cleared again
    pipeline_.add(postgres::kLockClearing);
    pipeline_.add(postgres::kReplacedPart);
    pipeline_.add(postgres::kGivenUpDelivery);
    const auto seen = pipeline_.run(until_);
    if (!seen) return base::pass_on(seen);
    const std::span<const io::PostgresRows> answers = std::span(*seen).last(3);
    if (!answers[0].boolean(0, 0)) return false;
    const auto replaced = leftover_in(answers[1]);
    const bool more = answers[1].size() > 1 || answers[2].size() > 0;
    auto done = replaced ? some_of_replaced(*replaced, more) : some_of_a_delivery(answers[2]);
    if (!done) return done;
    const bool looks = !*done;
    // One that was given up takes nothing more, so that what is cleared stays so.
    if (looks) pipeline_.add(postgres::kGiveUpDelivery, PostgresValues().int64(abandoned));
    const auto committed = transaction.commit(pipeline_, until_);
    if (!committed) return base::pass_on(committed);
    return !looks || committed->back().affected() > 0;
  }

 private:
  base::Result<bool> some_of_replaced(const Leftover& replaced, bool more) {
    const auto cleared = part(replaced);
    if (!cleared) return cleared;
    if (*cleared) pipeline_.add(postgres::kPartIsCleared, PostgresValues().int64(replaced.part));
    return !*cleared || more;
  }

  base::Result<bool> some_of_a_delivery(const io::PostgresRows& given_up) {
    if (given_up.size() == 0) return false;
    const std::int64_t delivery = given_up.integer(0, 0);
    pipeline_.add(postgres::kPartOfDelivery, PostgresValues().int64(delivery));
    const auto rows = pipeline_.run(until_);
    if (!rows) return base::pass_on(rows);
    const auto left = leftover_in(rows->back());
    if (!left) {
      for (const auto* statement : {&postgres::kRemoveFiles, &postgres::kRemoveDelivery})
        pipeline_.add(*statement, PostgresValues().int64(delivery));
      return true;
    }
    const auto cleared = part(*left);
    if (!cleared || !*cleared) return cleared ? base::Result<bool>(true) : cleared;
    for (const auto* statement : {&postgres::kRemovePartCosts, &postgres::kRemoveLinks, &postgres::kRemovePart})
      pipeline_.add(*statement, PostgresValues().int64(left->part));
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
    pipeline_.add(statement, PostgresValues().int64(part.part));
    return true;
  }

  // Some of each kind of row, with one question.
  base::Result<bool> charges(const Leftover& part) {
    const std::int64_t days = part.last_day - part.first_day + 1;
    const std::int64_t end =
        part.first_day +
        std::min(days, std::max<std::int64_t>(1, kSummedAtOnce * days / std::max<std::int64_t>(1, part.rows)));
    std::vector<std::int64_t> most;  // that each clears
    PostgresValues ids;
    ids.int32(day_of(month_of(part.billing_period))).int64(charge_id(part.part, 0));
    pipeline_.add(postgres::kClearCharges, std::move(ids.int64(charge_id(part.part + 1, 0)).int64(kChargesAtOnce)));
    pipeline_.add(postgres::kClearRawBlocks, PostgresValues().int64(part.part).int64(kBlocksAtOnce));
    most = {kChargesAtOnce, kBlocksAtOnce};
    for (const io::PostgresStatement& details : postgres::kClearDetails) {
      pipeline_.add(details, PostgresValues().int64(part.part).int64(kDetailsAtOnce));
      most.push_back(kDetailsAtOnce);
    }
    for (const Rollup rollup : kRollups) {
      // A month goes with the first of its days.
      const bool of_months = rollup.grain == Grain::month;
      PostgresValues range;
      range.int64(part.customer)
          .int32(day_of(of_months ? month_of(part.first_day) : part.first_day))
          .int32(day_of(end));
      pipeline_.add(postgres::statements_of(rollup).clear, std::move(range.int64(part.part)));
    }
    if (end <= part.last_day)
      pipeline_.add(postgres::kSetFirstDay, PostgresValues().int64(part.part).int32(day_of(end)));
    const auto cleared = pipeline_.run(until_);
    if (!cleared) return base::pass_on(cleared);
    for (std::size_t i = 0; i < most.size(); ++i) {
      if ((*cleared)[i].affected() == most[i]) return false;
    }
    return end > part.last_day;
  }

  io::PostgresPipeline pipeline_;
  const Nanoseconds until_;
};

}  // namespace

base::Result<Publication> publish_delivery(io::Postgres& session, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for,
                                           Nanoseconds until) {
  PostgresPublishing steps(session);
  if (const auto begun = steps.begin(delivery, until); !begun) return base::pass_on(begun);
  auto publication = publish_delivery(steps, delivery, now, known, asked_for);
  // What would go before files that it needs changes nothing: the transaction ends as it began.
  if (!publication || !publication->missing.empty()) return publication;
  if (const auto committed = steps.commit(until); !committed) return base::pass_on(committed);
  return publication;
}

base::Result<bool> clear_some_leftovers(io::Postgres& session, std::int64_t abandoned, Nanoseconds until) {
  return Clearing(session, until).some(abandoned);
}

}  // namespace costagent
