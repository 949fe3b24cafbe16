#include "costagent/store/postgres_chunk.h"

#include <fmt/format.h>

#include "base/deadline.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_queries.h"
#include "costagent/store/publish.h"
#include "io/postgresql_pipeline.h"

namespace costagent {
namespace {

using io::PostgresValues;

// What a chunk may take: the sums of a large bill are a million rows, and disks may be slow. A server that hangs is
// noticed after that.
constexpr base::Nanoseconds kChunkTime = std::chrono::minutes(2);
// Statements that are sent together.
constexpr std::size_t kMostSteps = 256;
// How often the database is told that the delivery is being worked on, where no rows tell it: it need be once an hour.
constexpr std::int64_t kBetweenTouches = 60;

}  // namespace

void PostgresChunk::set_delivery(std::int64_t delivery) {
  delivery_ = delivery;
  touched_ = now();
}

base::Result<> PostgresChunk::begin() {
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

base::Result<> PostgresChunk::commit(bool wait) {
  if (delivery_ != 0 && now() - touched_ >= kBetweenTouches) {
    touched_ = now();
    if (auto told = step(postgres::kTouchDelivery, PostgresValues().int64(delivery_).int64(touched_)); !told)
      return told;
  }
  if (auto sent = send_steps(); !sent) return sent;
  if (copy_ && !transaction_ && !wait) return copy_->close();
  if (auto done = end_transaction(); !done) return done;
  session_.reset();
  return {};
}

void PostgresChunk::leave() {
  steps_.clear();
  copy_.reset();
  transaction_.reset();
  session_.reset();
}

base::Result<> PostgresChunk::step(const io::PostgresStatement& statement, PostgresValues values) {
  steps_.emplace_back(&statement, std::move(values));
  return steps_.size() < kMostSteps ? base::Result<>() : send_steps();
}

base::Result<> PostgresChunk::send_steps() {
  if (steps_.empty()) return {};
  const auto sent = run_steps();
  if (!sent) return base::pass_on(sent);
  return {};
}

// The last step's rows.
base::Result<io::PostgresRows> PostgresChunk::run_steps() {
  if (const auto done = end_copy(); !done) return base::pass_on(done);
  io::PostgresPipeline pipeline(**session_);
  if (!transaction_) pipeline.add(postgres::kCommitLazily);
  for (auto& [statement, values] : steps_) pipeline.add(*statement, std::move(values));
  steps_.clear();
  auto rows = pipeline.run(until_);
  if (!rows) return refused(rows.error());
  return std::move(rows->back());
}

base::Result<std::int64_t> PostgresChunk::number(const io::PostgresStatement& statement, PostgresValues values) {
  steps_.emplace_back(&statement, std::move(values));
  const auto rows = run_steps();
  if (!rows) return base::pass_on(rows);
  return rows->integer(0, 0);
}

base::Result<> PostgresChunk::copy(const char* sql, bool together) {
  if (copy_ && copied_ == sql) return {};
  if (auto done = together ? end_copy() : end_transaction(); !done) return done;
  if (auto sent = send_steps(); !sent) return sent;
  std::string text = sql;
  if (!transaction_) {
    touched_ = now();
    text = fmt::format(postgres::kBeforeCopy, delivery_, touched_, sql);
    if (together) {
      auto transaction = io::PostgresTransaction::begin(**session_, until_);
      if (!transaction) return base::pass_on(transaction);
      transaction_.emplace(std::move(*transaction));
    }
  }
  auto copy = io::PostgresCopy::begin(**session_, text.c_str(), until_);
  if (!copy) return refused(copy.error());
  copy_.emplace(std::move(*copy));
  copied_ = sql;
  return {};
}

base::Result<> PostgresChunk::end_copy() {
  if (!copy_) return {};
  const auto copied = copy_->finish();
  copy_.reset();
  if (!copied) return base::pass_on(copied);
  return {};
}

base::Result<> PostgresChunk::end_transaction() {
  if (auto done = end_copy(); !done) return done;
  if (!transaction_) return {};
  auto committed = transaction_->commit(until_);
  transaction_.reset();
  return committed;
}

// In words for people what `touch`, or a reference to a delivery, says of one that is gone.
base::Failure PostgresChunk::refused(const base::Error& error) {
  constexpr std::string_view kGone = "23000";
  constexpr std::string_view kNothingToReferTo = "23503";
  const std::string& state = (*session_)->refusal();
  if (error.kind == base::ErrorKind::conflict && (state == kGone || state == kNothingToReferTo))
    return was_cleared_away();
  return base::Failure(error);
}

}  // namespace costagent
