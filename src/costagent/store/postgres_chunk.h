// One chunk after the other of what a delivery writes: statements and rows, on a session of the pool.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/store/postgres_pool.h"
#include "costagent/store/postgres_tables.h"
#include "io/postgresql_copy.h"

namespace costagent {

// Between `begin` and `commit` it has a session; whoever else waits for one gets it afterwards. Statements and few rows
// are kept and sent together, which makes them one transaction; many rows are a COPY. A call that fails may
// say so of what was kept before: all can only be given up then. Pool and clock must outlive it. Not thread-safe.
class PostgresChunk {
 public:
  PostgresChunk(PostgresPool& pool, const base::Clock& clock) : pool_(pool), clock_(clock) {}

  // The delivery that each transaction with rows says to be at work on, so that nobody takes it for abandoned.
  void set_delivery(std::int64_t delivery);

  base::Result<> begin();
  // What was kept still is, while it is little. Without `wait` a COPY only gets its last rows: `begin` waits for its
  // end.
  base::Result<> commit(bool wait);
  // Gives up what was not committed, and the session with it.
  void leave();

  io::Postgres& session() { return **session_; }
  base::Nanoseconds until() const { return until_; }

  // A statement whose answer is of no interest, but that it went well: sent with the next ones.
  base::Result<> step(const io::PostgresStatement& statement, io::PostgresValues values);
  base::Result<> send_steps();
  // One whose answer is, behind what was kept.
  base::Result<io::PostgresRows> ask(const io::PostgresStatement& statement, io::PostgresValues values);

  // So many rows of the table follow.
  base::Result<> add_rows(const PostgresTable& table, std::size_t count);
  io::PostgresValues& row() { return copy_ ? copy_->row() : steps_.back().rows.emplace_back(); }
  base::Result<> end_row();
  base::Result<> advance() { return copy_ ? copy_->advance() : base::Result<>(); }

  // So that the session can be asked.
  base::Result<> end_copy();

 private:
  // A statement with its parameters, or rows of a table.
  struct Step {
    const io::PostgresStatement* statement;
    io::PostgresValues values{};
    const PostgresTable* table = nullptr;
    std::vector<io::PostgresValues> rows{};
  };

  base::Result<io::PostgresRows> run_steps();
  io::PostgresValues touch();
  base::Failure refused(const base::Error& error);
  std::int64_t now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()).time_since_epoch().count(); }

  PostgresPool& pool_;
  const base::Clock& clock_;
  std::int64_t delivery_ = 0;
  std::int64_t touched_ = 0;
  std::vector<Step> steps_;
  std::size_t kept_rows_ = 0;
  std::size_t kept_bytes_ = 0;  // of rows

  std::optional<PostgresPool::Lease> session_;
  base::Nanoseconds until_{};             // of the chunk
  std::optional<io::PostgresCopy> copy_;  // goes before its session does
  const PostgresTable* copied_ = nullptr;
};

}  // namespace costagent
