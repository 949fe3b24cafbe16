#include "io/postgresql.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "base/without_password.h"
#include "io/postgresql_failure.h"
#include "io/postgresql_pipeline.h"
#include "io/wait_for.h"

namespace io {

using base::ErrorKind;
using base::Nanoseconds;

namespace {

bool can_be_read(int socket) {
  pollfd one{socket, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace

void Postgres::Close::operator()(pg_conn* connection) const { ::PQfinish(connection); }

base::Result<Postgres> Postgres::connect(const std::string& url, const std::string& application, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  // Kerberos' encryption is not offered unless the URL, which is read behind it, says so: its library does not bear a
  // lack of memory, and looks for tickets at each connection.
  const char* keys[] = {"gssencmode", "dbname", "application_name", nullptr};
  const char* values[] = {"disable", url.c_str(), application.c_str(), nullptr};
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

bool Postgres::still_open() {
  // A server that ends a session may say why before it closes: the end is behind that.
  while (is_open() && can_be_read(::PQsocket(connection_.get()))) {
    if (::PQconsumeInput(connection_.get()) == 0) lost_ = true;
  }
  return is_open();
}

bool Postgres::is_idle() const { return ::PQtransactionStatus(connection_.get()) == PQTRANS_IDLE; }
int Postgres::server_version() const { return ::PQserverVersion(connection_.get()); }
int Postgres::process() const { return ::PQbackendPID(connection_.get()); }

base::Failure Postgres::lose(std::string_view reason) {
  lost_ = true;
  return base::fail(ErrorKind::unavailable, "PostgreSQL: {}", reason);
}

base::Failure Postgres::refuse(const pg_result* result, std::string_view statement) {
  refusal_ = state_of(result);
  if (ends_session(result)) lost_ = true;
  // A refused statement undoes its transaction, and what was set in it.
  statement_timeout_.reset();
  // What was prepared does not hold any more, since a table changed or somebody discarded it.
  constexpr std::string_view kPlanChanged = "0A000";
  constexpr std::string_view kNotPrepared = "26000";
  if (!statement.empty() && (refusal_ == kPlanChanged || refusal_ == kNotPrepared)) lost_ = true;
  return base::fail(kind_of_state(refusal_), "PostgreSQL{}{}: {}", statement.empty() ? "" : ", ", statement,
                    words_of(::PQresultErrorMessage(result)));
}

base::Result<PostgresRows> Postgres::query(const char* sql, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  if (::PQsendQuery(connection_.get(), sql) == 0) return lose(words_of(::PQerrorMessage(connection_.get())));
  return receive(until);
}

base::Result<PostgresRows> Postgres::query(const char* sql, const std::vector<std::string>& parameters,
                                           Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (::PQsendQueryParams(connection_.get(), sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                          nullptr, 0) == 0) {
    return lose(words_of(::PQerrorMessage(connection_.get())));
  }
  return receive(until);
}

base::Result<PostgresRows> Postgres::run(const PostgresStatement& statement, const PostgresValues& parameters,
                                         Nanoseconds until) {
  PostgresPipeline pipeline(*this);
  pipeline.add(statement, parameters);
  auto rows = pipeline.run(until);
  if (!rows) return base::pass_on(rows);
  return std::move(rows->front());
}

// Sends what is queued, and waits until a result can be taken. It reads meanwhile: a server whose answers nobody reads
// would stop to read, too.
base::Result<> Postgres::settle(Nanoseconds until) {
  pg_conn* connection = connection_.get();
  int unsent = ::PQflush(connection);
  while (unsent == 1 || ::PQisBusy(connection) != 0) {
    const auto events = static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0));
    if (!wait_for(::PQsocket(connection), events, until)) return lose("no answer in time");
    if (::PQconsumeInput(connection) == 0) return lose(words_of(::PQerrorMessage(connection)));
    if (unsent == 1) unsent = ::PQflush(connection);
  }
  if (unsent < 0) return lose(words_of(::PQerrorMessage(connection)));
  return {};
}

// The last result of what was sent, once all of them are there.
base::Result<PostgresRows> Postgres::receive(Nanoseconds until) {
  pg_conn* connection = connection_.get();
  std::optional<PostgresRows> rows;
  std::optional<base::Error> refused;
  for (;;) {
    if (const auto settled = settle(until); !settled) return base::pass_on(settled);
    pg_result* result = ::PQgetResult(connection);
    if (result == nullptr) break;
    const ExecStatusType status = ::PQresultStatus(result);
    rows.emplace(result);
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) refused = refuse(result, "").value();
  }
  if (::PQstatus(connection) != CONNECTION_OK) return lose(words_of(::PQerrorMessage(connection)));
  if (refused) return base::Failure(std::move(*refused));
  if (!rows) return lose("an answer without a result");
  return std::move(*rows);
}

// Statements rarely have exactly the same time left. What the server has still fits while it is less than the time, by
// an eighth at most; else it is told one in the middle of that, so that the next ones fit, too.
std::optional<std::chrono::milliseconds> Postgres::new_statement_timeout(Nanoseconds until) const {
  // What PostgreSQL takes is milliseconds in 31 bits.
  constexpr Nanoseconds kLongest = std::chrono::hours(24);
  const Nanoseconds left = std::clamp(until - base::SystemClock::monotonic_now(), Nanoseconds(1), kLongest);
  if (statement_timeout_ && *statement_timeout_ <= left && *statement_timeout_ >= left / 8 * 7) return std::nullopt;
  return std::max(std::chrono::floor<std::chrono::milliseconds>(left / 16 * 15), std::chrono::milliseconds(1));
}

}  // namespace io
