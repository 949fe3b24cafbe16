// A transaction that is rolled back unless it was committed.
#pragma once

#include <utility>

#include "base/result.h"
#include "io/postgresql.h"
#include "io/postgresql_pipeline.h"

namespace io {

// One thread; the connection must outlive it. What is run on the connection meanwhile belongs to it.
class PostgresTransaction {
 public:
  enum class Mode {
    read_write,  // each statement sees what was committed before it
    snapshot,    // reads only, and all statements see the same
  };

  static base::Result<PostgresTransaction> begin(Postgres& connection, base::Nanoseconds until,
                                                 Mode mode = Mode::read_write);
  // Adds the beginning to the pipeline, as its first statement: what is added behind it, and run, is within.
  static PostgresTransaction begin(PostgresPipeline& pipeline);
  PostgresTransaction(PostgresTransaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  PostgresTransaction& operator=(PostgresTransaction&&) = delete;
  // Rolls back. A connection on which that fails is lost, and the server then does it.
  ~PostgresTransaction();

  // Fails with `internal` after a statement that failed, as nothing was committed then. When it fails with
  // `unavailable` and the connection is lost, nobody knows: whoever does it again must be able to tell.
  base::Result<> commit(base::Nanoseconds until);
  // The same behind the pipeline's statements, with one question, if all of them go well.
  base::Result<std::vector<PostgresRows>> commit(PostgresPipeline& last, base::Nanoseconds until);

 private:
  explicit PostgresTransaction(Postgres& connection) : connection_(&connection) {}
  void roll_back();
  base::Result<> end(const PostgresRows& committed);

  Postgres* connection_;
};

}  // namespace io
