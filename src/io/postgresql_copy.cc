#include "io/postgresql_copy.h"

#include <libpq-fe.h>
#include <poll.h>

#include <new>
#include <string>

#include "io/big_endian.h"
#include "io/postgresql_failure.h"
#include "io/wait_for.h"

namespace io {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

// About what a socket takes at once.
constexpr std::size_t kChunk = 64 * 1024;

// The file format of COPY in binary: a signature, no flags, no extension; after the rows a count of -1.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);

// A server that is told that a COPY is given up answers once it has read what was sent before: soon, unless its machine
// is busy.
constexpr Nanoseconds kGivingUp = std::chrono::seconds(5);

}  // namespace

PostgresCopy::PostgresCopy(Postgres& connection, Nanoseconds until) : connection_(&connection), until_(until) {
  rows_.encoded_.reserve(kChunk + kChunk / 8);
  rows_.encoded_ = kHeader;
}

PostgresCopy::PostgresCopy(PostgresCopy&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      until_(other.until_),
      unsent_(other.unsent_),
      closed_(other.closed_),
      rows_(std::move(other.rows_)),
      row_start_(other.row_start_) {}

base::Result<PostgresCopy> PostgresCopy::begin(Postgres& connection, const char* sql, Nanoseconds until) {
  pg_conn* raw = connection.connection_.get();
  if (!connection.is_open()) return connection.lose("the connection was lost before");
  if (until <= base::SystemClock::monotonic_now())
    return base::fail(ErrorKind::timeout, "PostgreSQL was not asked: the time for it had passed");
  const auto timeout = connection.new_statement_timeout(until);
  const std::string text = timeout ? fmt::format("SET statement_timeout = {}; {}", timeout->count(), sql) : sql;
  if (::PQsendQuery(raw, text.c_str()) == 0) return connection.lose(words_of(::PQerrorMessage(raw)));
  std::optional<base::Error> refused;
  for (;;) {
    if (const auto settled = connection.settle(until + Postgres::kGrace); !settled) return base::pass_on(settled);
    const std::unique_ptr<pg_result, void (*)(pg_result*)> result(::PQgetResult(raw), ::PQclear);
    if (result == nullptr) break;
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (status == PGRES_COPY_IN) {
      if (timeout) connection.statement_timeout_ = timeout;
      return PostgresCopy(connection, until);
    }
    if (status == PGRES_FATAL_ERROR) refused = connection.refuse(result.get(), "").value();
  }
  if (refused) return base::Failure(std::move(*refused));
  return base::fail(ErrorKind::internal, "PostgreSQL: this is no COPY FROM STDIN: {}", sql);
}

PostgresCopy::~PostgresCopy() {
  if (connection_ == nullptr || !connection_->is_open()) return;
  const Nanoseconds until = base::SystemClock::monotonic_now() + kGivingUp;
  try {
    if (!closed_ && !end("given up", until)) return;
    // A failure is what was asked for.
    static_cast<void>(connection_->receive(until));
  } catch (const std::bad_alloc&) {
    connection_->lost_ = true;  // which gives it up as well
  }
}

PostgresValues& PostgresCopy::row() {
  row_start_ = rows_.encoded_.size();
  rows_.encoded_.append(sizeof(std::uint16_t), '\0');
  rows_.count_ = 0;
  return rows_;
}

base::Result<> PostgresCopy::end_row() {
  put_big_endian(static_cast<std::uint16_t>(rows_.count_), rows_.encoded_.data() + row_start_);
  if (rows_.encoded_.size() < kChunk) return {};
  return hand_over();
}

// All that is held, to libpq, whose buffer has no bound of its own.
base::Result<> PostgresCopy::hand_over() {
  pg_conn* raw = connection_->connection_.get();
  if (!connection_->is_open()) return connection_->lose("the connection was lost before");
  const std::size_t size = rows_.encoded_.size();
  // Once a connection doesn't block, rows are refused for want of memory only.
  if (::PQputCopyData(raw, rows_.encoded_.data(), static_cast<int>(size)) != 1)
    return connection_->lose(words_of(::PQerrorMessage(raw)));
  unsent_ += size;
  rows_.encoded_.clear();
  return send(kMostUnsent, until_);
}

// Down to the kernel's buffer, waiting as long as more than `most_unsent` bytes are left.
base::Result<> PostgresCopy::send(std::size_t most_unsent, Nanoseconds until) {
  pg_conn* raw = connection_->connection_.get();
  for (;;) {
    const int left = ::PQflush(raw);
    if (left < 0) return connection_->lose(words_of(::PQerrorMessage(raw)));
    if (left == 0) unsent_ = 0;
    if (unsent_ <= most_unsent) return {};
    if (!wait_for(::PQsocket(raw), POLLOUT, until))
      return connection_->lose("the server did not take the rows in time");
  }
}

base::Result<> PostgresCopy::advance() {
  if (!connection_->is_open()) return connection_->lose("the connection was lost before");
  return unsent_ == 0 ? base::Result<>() : send(unsent_, until_);
}

base::Result<> PostgresCopy::close() {
  rows_.encoded_ += kTrailer;
  if (auto sent = hand_over(); !sent) return sent;
  closed_ = true;
  return end(nullptr, until_);
}

base::Result<std::int64_t> PostgresCopy::finish() {
  if (!closed_) {
    if (const auto done = close(); !done) return base::pass_on(done);
  }
  const auto copied = std::exchange(connection_, nullptr)->receive(until_ + Postgres::kGrace);
  if (!copied) return base::pass_on(copied);
  return copied->affected();
}

// `reason` is why it is given up; none if it isn't.
base::Result<> PostgresCopy::end(const char* reason, Nanoseconds until) {
  pg_conn* raw = connection_->connection_.get();
  if (::PQputCopyEnd(raw, reason) != 1) return connection_->lose(words_of(::PQerrorMessage(raw)));
  return send(kMostUnsent, until);
}

}  // namespace io
