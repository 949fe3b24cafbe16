// PostgreSQL behind RAII and Result: one connection, statements, and never a wait without an end.
//
// A connection belongs to one thread at a time. Errors: `unavailable` when the server refuses, is gone or does not
// answer in time (the connection is then of no more use, see is_open), `invalid` for a URL or a statement that the
// server rejects, with its own words and no password.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct pg_conn;
struct pg_result;

namespace io {

// What a statement gave. Rows and columns count from 0.
class PostgresRows {
 public:
  explicit PostgresRows(pg_result* result);

  int size() const;
  int columns() const;
  // The column of that name; -1 where there is none.
  int column(const char* name) const;
  bool is_null(int row, int column) const;
  // Valid as long as the rows are.
  std::string_view text(int row, int column) const;
  // Nothing for null, and for what is no number.
  std::optional<double> number(int row, int column) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

class Postgres {
 public:
  // `url` is a connection URI (postgresql://user:password@host:port/database?…); what it leaves out comes from libpq's
  // environment (PGPASSWORD, ~/.pgpass …). `application` is what the server lists the session as. The time is for all
  // of it but the look-up of the host's name.
  static base::Result<Postgres> connect(const std::string& url, const std::string& application,
                                        base::Nanoseconds timeout);

  // Runs one statement with parameters as texts ($1 …), or without any several separated by ';', of which the last
  // one's rows are given.
  base::Result<PostgresRows> query(const char* sql, base::Nanoseconds timeout);
  base::Result<PostgresRows> query(const char* sql, const std::vector<std::string>& parameters,
                                   base::Nanoseconds timeout);

  // False once it broke, or an answer did not come in time.
  bool is_open() const;

  int server_version() const;  // 150004 is 15.4; pgbouncer says that of PostgreSQL, too
  int process() const;         // the server's process of this session

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  explicit Postgres(std::unique_ptr<pg_conn, Close> connection) : connection_(std::move(connection)) {}
  base::Result<PostgresRows> receive(base::Nanoseconds until);

  std::unique_ptr<pg_conn, Close> connection_;
  bool lost_ = false;
};

}  // namespace io
