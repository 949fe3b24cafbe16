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
constexpr std::size_t kMostRows = 4096;
constexpr std::size_t kMostBytes = std::size_t{1} * 1024 * 1024;
// As many are worth a COPY, which takes two questions of its own and less for each row.
constexpr std::size_t kManyRows = 1024;
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
  const bool is_to_be_told = delivery_ != 0 && now() - touched_ >= kBetweenTouches;
  if (is_to_be_told) steps_.push_back({&postgres::kTouchDelivery, touch()});
  if (is_to_be_told || kept_rows_ >= kManyRows) {
    if (auto sent = send_steps(); !sent) return sent;
  }
  if (copy_ && !wait) return copy_->close();
  if (auto done = end_copy(); !done) return done;
  session_.reset();
  return {};
}

PostgresValues PostgresChunk::touch() {
  touched_ = now();
  return std::move(PostgresValues().int64(delivery_).int64(touched_));
}

void PostgresChunk::leave() {
  steps_.clear();
  copy_.reset();
  session_.reset();
}

base::Result<> PostgresChunk::step(const io::PostgresStatement& statement, PostgresValues values) {
  steps_.push_back({&statement, std::move(values)});
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
  pipeline.add(postgres::kPlanOnceAndCommitLazily);
  if (kept_rows_ > 0) pipeline.add(postgres::kTouchDelivery, touch());
  for (Step& each : steps_) {
    if (each.table != nullptr && each.rows.empty()) continue;
    if (each.table != nullptr) each.values.columns(each.rows, each.table->types);
    pipeline.add(*each.statement, std::move(each.values));
  }
  steps_.clear();
  kept_rows_ = kept_bytes_ = 0;
  auto rows = pipeline.run(until_);
  if (!rows) return refused(rows.error());
  return std::move(rows->back());
}

base::Result<io::PostgresRows> PostgresChunk::ask(const io::PostgresStatement& statement, PostgresValues values) {
  steps_.push_back({&statement, std::move(values)});
  return run_steps();
}

base::Result<> PostgresChunk::add_rows(const PostgresTable& table, std::size_t count) {
  if (copy_ && copied_ == &table) return {};
  if (auto done = end_copy(); !done) return done;
  if (count < kManyRows) {
    if (steps_.empty() || steps_.back().table != &table) steps_.push_back({&table.insert, {}, &table});
    return {};
  }
  if (auto sent = send_steps(); !sent) return sent;
  touched_ = now();
  const std::string text = fmt::format(postgres::kBeforeCopy, delivery_, touched_, table.copy);
  auto copy = io::PostgresCopy::begin(**session_, text.c_str(), until_);
  if (!copy) return refused(copy.error());
  copy_.emplace(std::move(*copy));
  copied_ = &table;
  return {};
}

base::Result<> PostgresChunk::end_row() {
  if (copy_) return copy_->end_row();
  Step& last = steps_.back();
  ++kept_rows_;
  kept_bytes_ += last.rows.back().encoded().size();
  if (kept_rows_ < kMostRows && kept_bytes_ < kMostBytes) return {};
  const PostgresTable& table = *last.table;
  if (auto sent = send_steps(); !sent) return sent;
  steps_.push_back({&table.insert, {}, &table});
  return {};
}

base::Result<> PostgresChunk::end_copy() {
  if (!copy_) return {};
  const auto copied = copy_->finish();
  copy_.reset();
  if (!copied) return base::pass_on(copied);
  return {};
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
