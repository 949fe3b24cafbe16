#include "loadlab/probe/postgres_probe.h"

#include <algorithm>
#include <initializer_list>

#include "loadlab/probe/postgres_queries.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

constexpr double kBytesPerMb = 1e6;
// For all statements of a reading together, and so shorter than Prober::kPatience.
constexpr Nanoseconds kTimeout = std::chrono::seconds(3);
// What goes through every table, or every file, of the database.
constexpr Nanoseconds kRowsPause = std::chrono::seconds(5);
constexpr Nanoseconds kSizePause = std::chrono::seconds(30);
constexpr int kVersion14 = 140'000;
constexpr int kVersion17 = 170'000;
constexpr const char* kApplication = "loadlab probe";

struct ColumnMetric {
  const char* column;
  const char* metric;
  double per_unit = 1;
};

void set_columns(const io::PostgresRows& rows, std::initializer_list<ColumnMetric> columns, Reading& into) {
  if (rows.size() != 1) return;
  for (const auto& [column, metric, per_unit] : columns) {
    if (const auto value = rows.number(0, rows.column(column))) into.set(metric, *value / per_unit);
  }
}

// A reading that is due again after a pause; a bit early, as readings come with every second.
bool is_due(const std::optional<Nanoseconds>& before, Nanoseconds now, Nanoseconds pause) {
  return !before || now - *before > pause - std::chrono::milliseconds(100);
}

}  // namespace

base::Result<io::PostgresRows> PostgresProbe::query(const char* sql, Nanoseconds until) {
  auto rows = server_->query(sql, until - base::SystemClock::monotonic_now());
  if (own_are_counted_) own_statements_ += 1;
  if (!server_->is_open()) server_.reset();
  return rows;
}

base::Result<> PostgresProbe::connect(Nanoseconds until) {
  auto server = io::Postgres::connect(url_, kApplication, until - base::SystemClock::monotonic_now());
  if (!server) return base::pass_on(server);
  server_ = std::move(*server);
  own_are_counted_ = false;
  const auto counts = query(postgres::kCountsStatements, until);
  if (!counts) return base::pass_on(counts);
  counts_statements_ = counts->size() == 1 && counts->text(0, 0) == "t";
  if (!counts_statements_) return {};
  // It exists, but may not have been loaded at the server's start; then asking fails.
  counts_statements_ = query(postgres::kStatementsTotal, until).has_value();
  if (counts_statements_ && server_) own_are_counted_ = !query(postgres::kCountNotMine, until).has_value();
  if (!server_) return base::fail(base::ErrorKind::unavailable, "PostgreSQL: the connection broke");
  return {};
}

base::Result<> PostgresProbe::read(Reading& into) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + kTimeout;
  if (!server_) {
    if (const auto connected = connect(until); !connected) {
      server_.reset();
      return connected;
    }
  }
  if (const auto set = set_sessions(into, until); !set) return set;
  if (const auto set = set_database(into, until); !set) return set;
  if (const auto set = set_rows(into, until); !set) return set;
  return set_statements(into, until);
}

base::Result<> PostgresProbe::set_sessions(Reading& into, Nanoseconds until) {
  const auto rows = query(postgres::kSessions, until);
  if (!rows) return base::pass_on(rows);
  set_columns(*rows,
              {{"sessions", "sessions"}, {"max_connections", "max_connections"}, {"locks_waiting", "locks_waiting"}},
              into);
  // Of hidden states nothing is known, which is not zero.
  if (rows->size() == 1 && rows->text(0, rows->column("sees_states")) == "t") {
    set_columns(*rows,
                {{"active", "sessions_active"},
                 {"idle", "sessions_idle"},
                 {"idle_in_transaction", "sessions_idle_in_transaction"},
                 {"waiting", "sessions_waiting"},
                 {"waits_lock", "waits_lock"},
                 {"waits_lwlock", "waits_lwlock"},
                 {"waits_io", "waits_io"}},
                into);
  }
  const auto sessions = rows->number(0, rows->column("sessions"));
  const auto most = rows->number(0, rows->column("max_connections"));
  if (sessions && most && *most > 0) into.set("sessions_used", 100 * *sessions / *most);
  return {};
}

base::Result<> PostgresProbe::set_database(Reading& into, Nanoseconds until) {
  const auto rows = query(postgres::kDatabase, until);
  if (!rows) return base::pass_on(rows);
  set_columns(*rows,
              {{"xact_commit", "commits"},
               {"xact_rollback", "rollbacks"},
               {"tup_returned", "rows_read"},
               {"tup_fetched", "rows_returned"},
               {"tup_written", "rows_written"},
               {"deadlocks", "deadlocks"},
               {"temp_files", "temp_files"},
               {"temp_bytes", "temp_written", kBytesPerMb}},
              into);
  const auto hit = rows->number(0, rows->column("blks_hit"));
  const auto read = rows->number(0, rows->column("blks_read"));
  if (hit && read) {
    if (blocks_before_) {
      const double hits = *hit - blocks_before_->first;
      const double all = hits + *read - blocks_before_->second;
      if (all > 0 && hits >= 0) into.set("cache_hit_ratio", 100 * hits / all);
    }
    blocks_before_ = {*hit, *read};
  }
  if (server_->server_version() >= kVersion14) {
    const auto wal = query(postgres::kWal, until);
    if (!wal) return base::pass_on(wal);
    if (const auto bytes = wal->number(0, 0)) into.set("wal_written", *bytes / kBytesPerMb);
  }
  const bool from_17 = server_->server_version() >= kVersion17;
  const auto checkpoints = query(from_17 ? postgres::kCheckpointsFrom17 : postgres::kCheckpoints, until);
  if (!checkpoints) return base::pass_on(checkpoints);
  if (const auto count = checkpoints->number(0, 0)) into.set("checkpoints", *count);
  return {};
}

base::Result<> PostgresProbe::set_rows(Reading& into, Nanoseconds until) {
  const Nanoseconds now = base::SystemClock::monotonic_now();
  if (is_due(rows_read_, now, kRowsPause)) {
    const auto rows = query(postgres::kRows, until);
    if (!rows) return base::pass_on(rows);
    set_columns(*rows, {{"dead", "dead_rows"}, {"live", "live_rows"}}, into);
    rows_read_ = now;
  }
  if (is_due(size_read_, now, kSizePause)) {
    const auto size = query(postgres::kSize, until);
    if (!size) return base::pass_on(size);
    if (const auto bytes = size->number(0, 0)) into.set("database_size", *bytes / kBytesPerMb);
    size_read_ = now;
  }
  return {};
}

base::Result<> PostgresProbe::set_statements(Reading& into, Nanoseconds until) {
  if (!counts_statements_) return {};
  if (!first_statements_) {
    auto first = statements(postgres::kStatementsBefore, until);
    if (!first) return base::pass_on(first);
    first_statements_ = std::move(*first);
  }
  const auto rows = query(postgres::kStatementsTotal, until);
  if (!rows) return base::pass_on(rows);
  const auto calls = rows->number(0, rows->column("calls"));
  const auto total_ms = rows->number(0, rows->column("total_ms"));
  if (calls) into.set("queries", *calls - own_statements_);
  if (total_ms) into.set("query_time", 100 * *total_ms / 1000);
  return {};
}

base::Result<PostgresProbe::Statements> PostgresProbe::statements(const char* sql, Nanoseconds until) {
  const auto rows = query(sql, until);
  if (!rows) return base::pass_on(rows);
  Statements found;
  for (int row = 0; row < rows->size(); ++row) {
    Statement& one = found[std::string(rows->text(row, rows->column("key")))];
    one.text = rows->text(row, rows->column("query"));
    one.calls = rows->number(row, rows->column("calls")).value_or(0);
    one.total_ms = rows->number(row, rows->column("total_ms")).value_or(0);
    one.rows = rows->number(row, rows->column("rows")).value_or(0);
  }
  return found;
}

std::vector<ProbeTable> PostgresProbe::tables() {
  if (!server_ || !counts_statements_ || !first_statements_) return {};
  const auto last = statements(postgres::kStatementsAfter, base::SystemClock::monotonic_now() + kTimeout);
  if (!last) return {};
  std::vector<ProbeTable::Row> rows;
  for (const auto& [key, after] : *last) {
    const auto known = first_statements_->find(key);
    const Statement before = known == first_statements_->end() ? Statement() : known->second;
    const double calls = after.calls - before.calls;
    // Below zero where somebody reset the statistics meanwhile.
    if (calls <= 0) continue;
    const double total = after.total_ms - before.total_ms;
    rows.push_back({after.text, {calls, total, total / calls, after.rows - before.rows}});
  }
  constexpr std::size_t kTotal = 1;
  constexpr std::size_t kMean = 2;
  std::vector<ProbeTable> tables;
  for (const auto& [title, column] :
       {std::pair("statements by total time", kTotal), {"statements by mean time", kMean}}) {
    std::sort(rows.begin(), rows.end(), [column = column](const ProbeTable::Row& a, const ProbeTable::Row& b) {
      return a.values[column] > b.values[column];
    });
    ProbeTable& table =
        tables.emplace_back(ProbeTable{"postgresql", label_, title, {"calls", "total ms", "mean ms", "rows"}, {}});
    table.rows.assign(rows.begin(),
                      rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), ProbeTable::kMostRows)));
  }
  return tables;
}

base::Result<> PgbouncerProbe::read(Reading& into) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + kTimeout;
  if (!server_) {
    auto server = io::Postgres::connect(url_, kApplication, kTimeout);
    if (!server) return base::pass_on(server);
    server_ = std::move(*server);
  }
  const auto pools = server_->query("SHOW POOLS", until - base::SystemClock::monotonic_now());
  if (!server_->is_open()) server_.reset();
  if (!pools) return base::pass_on(pools);
  static constexpr ColumnMetric kColumns[] = {{"cl_active", "clients_active"},
                                              {"cl_waiting", "clients_waiting"},
                                              {"sv_active", "servers_active"},
                                              {"sv_idle", "servers_idle"}};
  std::map<std::string, double> sums;
  double longest_ms = 0;
  const auto cell = [&](int row, const char* name) { return pools->number(row, pools->column(name)).value_or(0); };
  const auto wait_ms = [&](int row) { return 1000 * cell(row, "maxwait") + cell(row, "maxwait_us") / 1000; };
  const auto is_own = [&](int row) { return pools->text(row, pools->column("database")) == "pgbouncer"; };
  if (pools->column("database") < 0 || pools->column("user") < 0)
    return base::fail(base::ErrorKind::corrupt,
                      "SHOW POOLS has no columns 'database' and 'user': is this a pgbouncer?");
  for (int row = 0; row < pools->size(); ++row) {
    if (is_own(row)) continue;
    for (const auto& [column, metric, unit] : kColumns) sums[metric] += cell(row, column);
    longest_ms = std::max(longest_ms, wait_ms(row));
  }
  for (const auto& [column, metric, unit] : kColumns) into.set(metric, sums[metric]);
  into.set("longest_wait", longest_ms);
  for (int row = 0; row < pools->size(); ++row) {
    if (is_own(row)) continue;
    into.begin_part(
        fmt::format("{}/{}", pools->text(row, pools->column("database")), pools->text(row, pools->column("user"))));
    for (const auto& [column, metric, unit] : kColumns) into.set(metric, cell(row, column));
    into.set("longest_wait", wait_ms(row));
  }
  return {};
}

}  // namespace loadlab
