// SQLite behind RAII and Result: connections, prepared statements, transactions.
//
// A connection and its statements belong to one thread at a time. Errors: `unavailable` when the database stays locked
// past the busy time-out or finds no more room on the disk, `timeout` when the calling thread's deadline
// (base/deadline.h) is over before it is unlocked or before a statement has ended, which is then interrupted and, if it
// writes, its transaction rolled back; `conflict` on a broken constraint, `corrupt` when the file is no database, `io`
// when it can't be opened, read or written (a broken disk, a read-only file), `internal` for SQL that is wrong.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace io {

// A prepared statement: bind, step, read columns; `reset` makes it ready to be run again. Parameters count from 1,
// columns from 0.
class Statement {
 public:
  Statement(sqlite3* connection, sqlite3_stmt* statement);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  // The text must stay until the statement is reset.
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);

  // True: there is a row to read. False: it is done, and reset.
  base::Result<bool> step();

  // Steps to the end, for statements without rows, and resets.
  base::Result<> run();

  void reset();

  std::int64_t integer(int column) const;
  double real(int column) const;
  // Valid until the next step or reset.
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3* connection_;
  sqlite3_stmt* statement_;
};

class Sqlite {
 public:
  // `unchanging` is for a file that nobody writes meanwhile, in a folder where nothing may be made: nothing is locked,
  // and no log beside the file is looked at. What is read of a file that is written all the same is undefined.
  enum class Mode { create, read_write, read_only, unchanging };

  // Opens a database file; `create` makes it where it is missing, but no folders. A file that may not be written is
  // only read, in every mode. Waits up to `busy_ms` for locks, and no longer than the deadline.
  static base::Result<Sqlite> open(const std::string& path, Mode mode, int busy_ms);

  // Runs SQL text of one or more statements without parameters and without rows of interest.
  base::Result<> execute(const char* sql);

  base::Result<Statement> prepare(std::string_view sql);

  // A statement that is prepared once and kept; one user at a time. Reset it when done.
  base::Result<Statement*> cached(std::string_view sql);

  // The first column of the first row, for pragmas and counts.
  base::Result<std::int64_t> integer(std::string_view sql);

  std::int64_t last_insert_id() const;

  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Sqlite(std::unique_ptr<sqlite3, Close> connection) : connection_(std::move(connection)) {}

  // The statements go before the connection does.
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, Statement, std::less<>> cache_;
};

// What is read while it lasts is of one moment, whatever others write meanwhile.
class Snapshot {
 public:
  static base::Result<Snapshot> begin(Sqlite& connection);
  Snapshot(Snapshot&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot();

 private:
  explicit Snapshot(Sqlite& connection) : connection_(&connection) {}
  Sqlite* connection_;
};

// BEGIN IMMEDIATE, and ROLLBACK unless it was committed.
class Transaction {
 public:
  static base::Result<Transaction> begin(Sqlite& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  base::Result<> commit();

 private:
  explicit Transaction(Sqlite& connection) : connection_(&connection) {}
  Sqlite* connection_;
};

}  // namespace io
