#include "io/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <new>
#include <system_error>
#include <thread>

#include "base/deadline.h"

namespace io {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

// Instructions of SQLite's machine between two looks at the deadline: about half a millisecond of work, against which
// the look, some 30 ns, is nothing.
constexpr int kStepsBetweenLooks = 10'000;

int stop_when_late(void*) { return base::deadline_passed() ? 1 : 0; }

// Short at first, as most locks are; never so long that a lock that is freed stays unseen for long.
milliseconds pause_after(int attempts) { return std::min(milliseconds(1 << std::min(attempts, 7)), milliseconds(100)); }

// Waits for a lock between SQLite's attempts; 0 ends them. SQLite's own busy time-out knows of no deadline.
int wait_for_lock(void* busy_ms, int attempts) {
  milliseconds left(reinterpret_cast<std::intptr_t>(busy_ms));
  for (int i = 0; i < attempts; ++i) left -= pause_after(i);
  const auto pause = base::time_left(std::min(left, pause_after(attempts)));
  if (pause.count() <= 0) return 0;
  std::this_thread::sleep_for(pause);
  return 1;
}

ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:  // until there is room again
      return ErrorKind::unavailable;
    case SQLITE_CONSTRAINT:
      return ErrorKind::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::corrupt;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return ErrorKind::io;
    default:
      return ErrorKind::internal;
  }
}

base::Failure failure(sqlite3* connection, int code) {
  const char* file = sqlite3_db_filename(connection, "main");
  const char* path = file != nullptr && *file != '\0' ? file : "in memory";
  const int primary = code & 0xff;
  if (primary == SQLITE_INTERRUPT || (primary == SQLITE_BUSY && base::deadline_passed())) {
    return base::fail(ErrorKind::timeout, "the time for this was over before the database {} had {}", path,
                      primary == SQLITE_BUSY ? "been unlocked" : "answered");
  }
  return base::fail(kind_of(code), "the database {}: {}", path, sqlite3_errmsg(connection));
}

// The path as SQLite takes it where more than a path is to be said.
std::string uri_of(std::string_view path, std::string_view parameter) {
  std::string uri = "file:";
  for (const char letter : path) {
    if (letter == '%' || letter == '?' || letter == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(letter));
    } else {
      uri += letter;
    }
  }
  // A path may begin with `//`, behind which a URI has a host.
  if (path.starts_with("//")) uri.insert(uri.find("//"), "//");
  return uri.append(1, '?').append(parameter);
}

// A wrong parameter number is our own mistake.
void check_bound(int code) {
  if (code == SQLITE_NOMEM) throw std::bad_alloc();
  assert(code == SQLITE_OK);
}

}  // namespace

Statement::Statement(sqlite3* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  check_bound(sqlite3_bind_int64(statement_, parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check_bound(sqlite3_bind_double(statement_, parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // SQLite takes a null pointer for NULL; an empty view may have one.
  const char* data = text.data() == nullptr ? "" : text.data();
  check_bound(sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  check_bound(sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check_bound(sqlite3_bind_null(statement_, parameter));
  return *this;
}

base::Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto failed = failure(connection_, code);
  reset();
  return failed;
}

base::Result<> Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return base::pass_on(row);
    if (!*row) return {};
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Sqlite::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

base::Result<Sqlite> Sqlite::open(const std::string& path, Mode mode, int busy_ms) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (mode == Mode::read_write) flags |= SQLITE_OPEN_READWRITE;
  if (mode == Mode::read_only) flags |= SQLITE_OPEN_READONLY;
  if (mode == Mode::unchanging) flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  const std::string name = mode == Mode::unchanging ? uri_of(path, "immutable=1") : path;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  std::unique_ptr<sqlite3, Close> connection(raw);
  if (code != SQLITE_OK) {
    // SQLite says that it could not, the system why.
    const int reason = raw != nullptr ? sqlite3_system_errno(raw) : 0;
    return base::fail(kind_of(code), "the database {} can't be opened: {}{}", path,
                      raw != nullptr ? sqlite3_errmsg(raw) : sqlite3_errstr(code),
                      reason != 0 ? fmt::format(" ({})", std::generic_category().message(reason)) : std::string());
  }
  sqlite3_busy_handler(raw, wait_for_lock, reinterpret_cast<void*>(std::intptr_t{busy_ms}));
  sqlite3_progress_handler(raw, kStepsBetweenLooks, stop_when_late, nullptr);
  return Sqlite(std::move(connection));
}

base::Result<> Sqlite::execute(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get(), code);
  return {};
}

base::Result<Statement> Sqlite::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get(), code);
  return Statement(connection_.get(), statement);
}

base::Result<Statement*> Sqlite::cached(std::string_view sql) {
  auto found = cache_.find(sql);
  if (found == cache_.end()) {
    auto prepared = prepare(sql);
    if (!prepared) return base::pass_on(prepared);
    found = cache_.emplace(std::string(sql), std::move(*prepared)).first;
  }
  return &found->second;
}

base::Result<std::int64_t> Sqlite::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return base::pass_on(statement);
  const auto row = statement->step();
  if (!row) return base::pass_on(row);
  return *row ? statement->integer(0) : 0;
}

std::int64_t Sqlite::last_insert_id() const { return sqlite3_last_insert_rowid(connection_.get()); }

std::int64_t Sqlite::changes() const { return sqlite3_changes64(connection_.get()); }

base::Result<Snapshot> Snapshot::begin(Sqlite& connection) {
  if (const auto begun = connection.execute("BEGIN"); !begun) return base::pass_on(begun);
  return Snapshot(connection);
}

Snapshot::~Snapshot() {
  // Nothing was written that could fail to be.
  if (connection_ != nullptr) static_cast<void>(connection_->execute("COMMIT"));
}

base::Result<Transaction> Transaction::begin(Sqlite& connection) {
  if (const auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return base::pass_on(begun);
  return Transaction(connection);
}

Transaction::~Transaction() {
  // A rollback that fails has nothing left to undo: SQLite has done it itself, as after a full disk.
  if (connection_ != nullptr) static_cast<void>(connection_->execute("ROLLBACK"));
}

base::Result<> Transaction::commit() {
  auto committed = connection_->execute("COMMIT");
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace io
