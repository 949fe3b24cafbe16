// PostgreSQL behind RAII and Result: one connection, statements, and never a wait without an end.
//
// A connection belongs to one thread at a time. Errors, in the server's own words and without a password: `unavailable`
// when the server refuses, is gone, does not answer at all or has lost a race that may be run again, `timeout` when it
// ended a statement whose time was over, `invalid` for a URL or a statement that it rejects, and others as
// postgresql_failure.h has them. After some the connection is of no more use, see is_open.
//
// Beside this: postgresql_pipeline.h (several statements in one round trip), postgresql_copy.h (rows in bulk),
// postgresql_transaction.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/postgresql_rows.h"
#include "io/postgresql_values.h"

struct pg_conn;

namespace io {

// A statement that each connection prepares once, when it first runs it. Made as a constant: both texts are kept by
// their addresses. The name is unique in the program; the server's lists and our errors tell it.
struct PostgresStatement {
  const char* name;
  const char* sql;
};

class Postgres {
 public:
  // `url` is a connection URI (postgresql://user:password@host:port/database?…); what it leaves out comes from libpq's
  // environment (PGPASSWORD, ~/.pgpass …). `application` is what the server lists the session as. The time is for all
  // of it but the look-up of the host's name.
  static base::Result<Postgres> connect(const std::string& url, const std::string& application,
                                        base::Nanoseconds timeout);

  // Runs one statement with parameters as texts ($1 …), or without any several separated by ';', of which the last
  // one's rows are given, as texts. One that doesn't end in time may go on in the server: the connection is lost.
  base::Result<PostgresRows> query(const char* sql, base::Nanoseconds timeout);
  base::Result<PostgresRows> query(const char* sql, const std::vector<std::string>& parameters,
                                   base::Nanoseconds timeout);

  // Runs one prepared statement, and gives its rows in binary form. `until` is the monotonic clock's. The server ends
  // the statement itself at that time, or up to an eighth of the remaining time before; then the connection stays good.
  // It is lost when the server does not even say so.
  base::Result<PostgresRows> run(const PostgresStatement& statement, const PostgresValues& parameters,
                                 base::Nanoseconds until);

  // False once it broke, or an answer did not come in time.
  bool is_open() const;
  // The same, after a look, without waiting, whether the server has ended it meanwhile.
  bool still_open();
  // No statement runs and no transaction is open, so that somebody else may use it.
  bool is_idle() const;

  // The SQLSTATE of the last refusal: "40001"; empty before one, and where the server said nothing.
  const std::string& refusal() const { return refusal_; }

  int server_version() const;  // 150004 is 15.4; pgbouncer says that of PostgreSQL, too
  int process() const;         // the server's process of this session

 private:
  friend class PostgresPipeline;
  friend class PostgresCopy;
  friend class PostgresTransaction;
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  // A server that ended a statement at its deadline says so at once; one that doesn't hangs. Long enough for a machine
  // that is busy.
  static constexpr base::Nanoseconds kGrace = std::chrono::milliseconds(250);

  explicit Postgres(std::unique_ptr<pg_conn, Close> connection) : connection_(std::move(connection)) {}
  base::Result<PostgresRows> receive(base::Nanoseconds until);
  base::Result<> settle(base::Nanoseconds until);
  base::Failure lose(std::string_view reason);
  base::Failure refuse(const pg_result* result, std::string_view statement);
  std::optional<std::chrono::milliseconds> new_statement_timeout(base::Nanoseconds until) const;

  std::unique_ptr<pg_conn, Close> connection_;
  bool lost_ = false;
  std::string refusal_;
  std::unordered_set<std::string_view> prepared_;  // names of statements
  // The server's setting as we left it; none where a rollback may have undone what we set.
  std::optional<std::chrono::milliseconds> statement_timeout_;
};

}  // namespace io
