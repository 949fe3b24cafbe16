#include "io/postgresql_pipeline.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

#include "io/big_endian.h"
#include "io/postgresql_failure.h"

namespace io {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

constexpr int kBinary = 1;

// Values as libpq takes them: where each begins, and how long it is.
struct Parameters {
  explicit Parameters(const PostgresValues& values) {
    const char* at = values.encoded().data();
    for (int i = 0; i < values.count(); ++i) {
      const auto length = static_cast<int>(get_big_endian<std::uint32_t>(at));
      at += sizeof(std::uint32_t);
      starts.push_back(length < 0 ? nullptr : at);
      lengths.push_back(std::max(length, 0));
      at += std::max(length, 0);
    }
    formats.assign(starts.size(), kBinary);
  }
  std::vector<const char*> starts;
  std::vector<int> lengths;
  std::vector<int> formats;
};

}  // namespace

void PostgresPipeline::add(const PostgresStatement& statement, PostgresValues parameters) {
  steps_.push_back({&statement, std::move(parameters)});
}

base::Result<std::vector<PostgresRows>> PostgresPipeline::run(Nanoseconds until) {
  pg_conn* connection = connection_.connection_.get();
  const std::vector<Step> steps = std::exchange(steps_, {});
  if (!connection_.is_open()) return connection_.lose("the connection was lost before");
  if (until <= base::SystemClock::monotonic_now())
    return base::fail(ErrorKind::timeout, "PostgreSQL was not asked: the time for it had passed");
  if (::PQenterPipelineMode(connection) == 0 || !send(steps, until))
    return connection_.lose(words_of(::PQerrorMessage(connection)));
  auto rows = collect(until);
  if (connection_.is_open() && ::PQexitPipelineMode(connection) == 0)
    return connection_.lose(words_of(::PQerrorMessage(connection)));
  return rows;
}

bool PostgresPipeline::send(const std::vector<Step>& steps, Nanoseconds until) {
  sent_.clear();
  timeout_sent_.reset();
  if (!send_timeout(until)) return false;
  for (const Step& step : steps) {
    if (!send_step(step)) return false;
  }
  return ::PQpipelineSync(connection_.connection_.get()) != 0;
}

bool PostgresPipeline::send_timeout(Nanoseconds until) {
  // An aborted transaction takes nothing but its end, which needs no time-out.
  if (::PQtransactionStatus(connection_.connection_.get()) == PQTRANS_INERROR) return true;
  timeout_sent_ = connection_.new_statement_timeout(until);
  if (!timeout_sent_) return true;
  const std::string set = fmt::format("SET statement_timeout = {}", timeout_sent_->count());
  sent_.push_back({Sent::What::timeout, nullptr});
  return ::PQsendQueryParams(connection_.connection_.get(), set.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) != 0;
}

bool PostgresPipeline::send_step(const Step& step) {
  pg_conn* connection = connection_.connection_.get();
  const PostgresStatement& statement = *step.statement;
  const bool prepares = std::any_of(sent_.begin(), sent_.end(), [&](const Sent& sent) {
    return sent.what == Sent::What::preparation && std::string_view(sent.statement->name) == statement.name;
  });
  if (!prepares && !connection_.prepared_.contains(statement.name)) {
    if (::PQsendPrepare(connection, statement.name, statement.sql, 0, nullptr) == 0) return false;
    sent_.push_back({Sent::What::preparation, &statement});
  }
  const Parameters parameters(step.parameters);
  sent_.push_back({Sent::What::statement, &statement});
  return ::PQsendQueryPrepared(connection, statement.name, step.parameters.count(), parameters.starts.data(),
                               parameters.lengths.data(), parameters.formats.data(), kBinary) != 0;
}

// libpq gives one result for each thing sent, then none, and a mark behind the last of them. Before the mark there may
// be one refusal more: of the end of the transaction, by a constraint that waits for it or a time-out that struck just
// then.
base::Result<std::vector<PostgresRows>> PostgresPipeline::collect(Nanoseconds until) {
  pg_conn* connection = connection_.connection_.get();
  std::vector<PostgresRows> rows;
  std::optional<base::Error> failed;
  bool end_refused = false;
  for (;;) {
    if (const auto settled = connection_.settle(until + Postgres::kGrace); !settled) return base::pass_on(settled);
    std::unique_ptr<pg_result, void (*)(pg_result*)> result(::PQgetResult(connection), ::PQclear);
    if (::PQstatus(connection) != CONNECTION_OK) return connection_.lose(words_of(::PQerrorMessage(connection)));
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (result == nullptr) {
      if (!sent_.empty()) {
        sent_.pop_front();
      } else if (!std::exchange(end_refused, false)) {
        return connection_.lose("an answer without an end");
      }
    } else if (status == PGRES_PIPELINE_SYNC) {
      break;
    } else if (sent_.empty() && (status != PGRES_FATAL_ERROR || end_refused)) {
      return connection_.lose("an answer that nobody asked for");
    } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      take(PostgresRows(result.release()), sent_.front(), rows);
    } else {
      end_refused = sent_.empty();
      const PostgresStatement* statement = end_refused ? nullptr : sent_.front().statement;
      if (status != PGRES_PIPELINE_ABORTED && !failed)
        failed = connection_.refuse(result.get(), statement != nullptr ? statement->name : "").value();
    }
  }
  if (failed) return base::Failure(std::move(*failed));
  return rows;
}

void PostgresPipeline::take(PostgresRows result, const Sent& answered, std::vector<PostgresRows>& rows) {
  if (answered.what == Sent::What::statement) {
    rows.push_back(std::move(result));
    return;
  }
  if (answered.what == Sent::What::timeout) connection_.statement_timeout_ = timeout_sent_;
  if (answered.what == Sent::What::preparation) connection_.prepared_.insert(answered.statement->name);
}

}  // namespace io
