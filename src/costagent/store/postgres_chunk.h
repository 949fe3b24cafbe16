// One chunk after the other of what a delivery writes: statements and COPYs on a session of the pool.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/store/postgres_pool.h"
#include "io/postgresql_copy.h"
#include "io/postgresql_transaction.h"

namespace costagent {

// Between `begin` and `commit` it has a session; whoever else waits for one gets it afterwards. What was not committed
// when it goes is not there. A call that fails says so for the whole chunk, which can only be given up. Pool and clock
// must outlive it. Not thread-safe.
class PostgresChunk {
 public:
  PostgresChunk(PostgresPool& pool, const base::Clock& clock) : pool_(pool), clock_(clock) {}

  // The delivery that each transaction with rows says to be at work on, so that nobody takes it for abandoned.
  void set_delivery(std::int64_t delivery);

  base::Result<> begin();
  // Without `wait` a COPY that is a transaction of its own only gets its last rows: `begin` waits for its end.
  base::Result<> commit(bool wait);
  // Gives up what was not committed, and the session with it.
  void leave();

  io::Postgres& session() { return **session_; }
  base::Nanoseconds until() const { return until_; }

  // A statement whose answer is of no interest, but that it went well: sent with the next ones.
  base::Result<> step(const io::PostgresStatement& statement, io::PostgresValues values);
  base::Result<> send_steps();
  // One that gives a number.
  base::Result<std::int64_t> number(const io::PostgresStatement& statement, io::PostgresValues values);

  // Rows are added to this COPY from now on; one that is under way goes on. Those that are `together` are one
  // transaction, until it is ended.
  base::Result<> copy(const char* sql, bool together = true);
  io::PostgresValues& row() { return copy_->row(); }
  base::Result<> end_row() { return copy_->end_row(); }
  base::Result<> advance() { return copy_ ? copy_->advance() : base::Result<>(); }

  // What is asked next is not within a transaction.
  base::Result<> end_transaction();

 private:
  base::Result<io::PostgresRows> run_steps();
  base::Result<> end_copy();
  base::Failure refused(const base::Error& error);
  std::int64_t now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()).time_since_epoch().count(); }

  PostgresPool& pool_;
  const base::Clock& clock_;
  std::int64_t delivery_ = 0;
  std::int64_t touched_ = 0;
  std::vector<std::pair<const io::PostgresStatement*, io::PostgresValues>> steps_;

  std::optional<PostgresPool::Lease> session_;
  base::Nanoseconds until_{};  // of the chunk
  // These go before their session does.
  std::optional<io::PostgresTransaction> transaction_;
  std::optional<io::PostgresCopy> copy_;
  const char* copied_ = nullptr;  // its statement
};

}  // namespace costagent
