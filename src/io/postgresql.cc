#include "io/postgresql.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <charconv>

#include "base/without_password.h"
#include "io/wait_for.h"

namespace io {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

// The server's words on one line, without the line break that libpq puts behind them.
std::string words_of(const char* message) {
  std::string words = message != nullptr ? message : "";
  while (!words.empty() && words.back() == '\n') words.pop_back();
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words.empty() ? "no reason was given" : words;
}

}  // namespace

PostgresRows::PostgresRows(pg_result* result) : result_(result) {}
void PostgresRows::Clear::operator()(pg_result* result) const { ::PQclear(result); }
int PostgresRows::size() const { return ::PQntuples(result_.get()); }
int PostgresRows::columns() const { return ::PQnfields(result_.get()); }
int PostgresRows::column(const char* name) const { return ::PQfnumber(result_.get(), name); }
bool PostgresRows::is_null(int row, int column) const { return ::PQgetisnull(result_.get(), row, column) != 0; }

std::string_view PostgresRows::text(int row, int column) const {
  return {::PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(::PQgetlength(result_.get(), row, column))};
}

std::optional<double> PostgresRows::number(int row, int column) const {
  if (column < 0 || is_null(row, column)) return std::nullopt;
  const std::string_view digits = text(row, column);
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void Postgres::Close::operator()(pg_conn* connection) const { ::PQfinish(connection); }

base::Result<Postgres> Postgres::connect(const std::string& url, const std::string& application, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  const char* keys[] = {"dbname", "application_name", nullptr};
  const char* values[] = {url.c_str(), application.c_str(), nullptr};
  constexpr int kDbnameMayBeUrl = 1;
  Postgres made(std::unique_ptr<pg_conn, Close>(::PQconnectStartParams(keys, values, kDbnameMayBeUrl)));
  pg_conn* connection = made.connection_.get();
  if (connection == nullptr) return base::fail(ErrorKind::internal, "there is no memory for a connection");
  if (::PQstatus(connection) == CONNECTION_BAD)
    return base::fail(ErrorKind::unavailable, "PostgreSQL: {}",
                      base::without_password_of(url, words_of(::PQerrorMessage(connection))));
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED)
      return base::fail(ErrorKind::unavailable, "PostgreSQL: {}",
                        base::without_password_of(url, words_of(::PQerrorMessage(connection))));
    if (!wait_for(::PQsocket(connection), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until)) {
      return base::fail(ErrorKind::unavailable, "PostgreSQL did not take the connection within {:.1f} s",
                        std::chrono::duration<double>(timeout).count());
    }
    next = ::PQconnectPoll(connection);
  }
  ::PQsetnonblocking(connection, 1);
  ::PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  return made;
}

bool Postgres::is_open() const { return !lost_ && ::PQstatus(connection_.get()) == CONNECTION_OK; }
int Postgres::server_version() const { return ::PQserverVersion(connection_.get()); }
int Postgres::process() const { return ::PQbackendPID(connection_.get()); }

base::Result<PostgresRows> Postgres::query(const char* sql, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  if (::PQsendQuery(connection_.get(), sql) == 0) {
    lost_ = true;
    return base::fail(ErrorKind::unavailable, "PostgreSQL: {}", words_of(::PQerrorMessage(connection_.get())));
  }
  return receive(until);
}

base::Result<PostgresRows> Postgres::query(const char* sql, const std::vector<std::string>& parameters,
                                           Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (::PQsendQueryParams(connection_.get(), sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                          nullptr, 0) == 0) {
    lost_ = true;
    return base::fail(ErrorKind::unavailable, "PostgreSQL: {}", words_of(::PQerrorMessage(connection_.get())));
  }
  return receive(until);
}

// The last result of what was sent, once all of them are there.
base::Result<PostgresRows> Postgres::receive(Nanoseconds until) {
  pg_conn* connection = connection_.get();
  const auto lose = [&](std::string reason) {
    lost_ = true;
    return base::fail(ErrorKind::unavailable, "PostgreSQL: {}", reason);
  };
  std::optional<PostgresRows> rows;
  std::string rejected;
  for (;;) {
    int unsent = ::PQflush(connection);
    while (unsent == 1 || ::PQisBusy(connection) != 0) {
      const auto events = static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0));
      if (!wait_for(::PQsocket(connection), events, until)) return lose("no answer in time");
      if (::PQconsumeInput(connection) == 0) return lose(words_of(::PQerrorMessage(connection)));
      if (unsent == 1) unsent = ::PQflush(connection);
    }
    if (unsent < 0) return lose(words_of(::PQerrorMessage(connection)));
    pg_result* result = ::PQgetResult(connection);
    if (result == nullptr) break;
    const ExecStatusType status = ::PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
      rejected = words_of(::PQresultErrorMessage(result));
    rows.emplace(result);
  }
  if (::PQstatus(connection) != CONNECTION_OK) return lose(words_of(::PQerrorMessage(connection)));
  if (!rejected.empty()) return base::fail(ErrorKind::invalid, "PostgreSQL: {}", rejected);
  if (!rows) return lose("an answer without a result");
  return std::move(*rows);
}

}  // namespace io
