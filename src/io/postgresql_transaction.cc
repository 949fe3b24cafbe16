#include "io/postgresql_transaction.h"

#include <libpq-fe.h>

#include <new>

namespace io {
namespace {

using base::Nanoseconds;

constexpr PostgresStatement kBegin{"begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr PostgresStatement kBeginSnapshot{"begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr PostgresStatement kCommit{"commit", "COMMIT"};
constexpr PostgresStatement kRollback{"rollback", "ROLLBACK"};

// Undoing costs PostgreSQL next to nothing: a server that takes longer hangs.
constexpr Nanoseconds kRollingBack = std::chrono::seconds(1);

}  // namespace

base::Result<PostgresTransaction> PostgresTransaction::begin(Postgres& connection, Nanoseconds until, Mode mode) {
  const auto begun = connection.run(mode == Mode::snapshot ? kBeginSnapshot : kBegin, {}, until);
  if (!begun) return base::pass_on(begun);
  return PostgresTransaction(connection);
}

PostgresTransaction PostgresTransaction::begin(PostgresPipeline& pipeline) {
  pipeline.add(kBegin);
  return PostgresTransaction(pipeline.connection());
}

PostgresTransaction::~PostgresTransaction() {
  if (connection_ != nullptr) roll_back();
}

void PostgresTransaction::roll_back() {
  Postgres& connection = *std::exchange(connection_, nullptr);
  if (!connection.is_open()) return;
  bool undone = false;
  try {
    undone = connection.run(kRollback, {}, base::SystemClock::monotonic_now() + kRollingBack).has_value();
  } catch (const std::bad_alloc&) {
    // A destructor throws nothing; the server undoes what a connection that is closed has left.
  }
  connection.statement_timeout_.reset();  // what was set within is undone, too
  if (!undone) connection.lost_ = true;
}

base::Result<> PostgresTransaction::commit(Nanoseconds until) {
  const auto done = connection_->run(kCommit, {}, until);
  if (!done) {
    // Refused before it was sent, or by a constraint that waits for the end.
    roll_back();
    return base::pass_on(done);
  }
  return end(*done);
}

base::Result<std::vector<PostgresRows>> PostgresTransaction::commit(PostgresPipeline& last, Nanoseconds until) {
  last.add(kCommit);
  auto done = last.run(until);
  if (!done) {
    roll_back();
    return done;
  }
  if (const auto ended = end(done->back()); !ended) return base::pass_on(ended);
  done->pop_back();
  return done;
}

base::Result<> PostgresTransaction::end(const PostgresRows& committed) {
  Postgres& connection = *std::exchange(connection_, nullptr);
  if (committed.command() == "COMMIT") return {};
  connection.statement_timeout_.reset();
  return base::fail(base::ErrorKind::internal, "PostgreSQL: nothing was committed, as a statement before had failed");
}

}  // namespace io
