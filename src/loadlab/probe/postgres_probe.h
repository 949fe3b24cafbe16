// Watches a PostgreSQL server, and the database that its URL names, through the statistics it keeps.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "io/postgresql.h"
#include "loadlab/probe/probe.h"

namespace loadlab {

// Wants a role of its own with pg_monitor; without that, other roles' sessions have no state to be seen. A few
// statements a reading, none of which waits for a lock. A server that refuses or is slow is a failure within three
// seconds, and is tried anew at the next reading.
class PostgresProbe final : public Probe {
 public:
  PostgresProbe(std::string url, std::string label) : url_(std::move(url)), label_(std::move(label)) {}

  std::string_view kind() const override { return "postgresql"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;
  // Statements by total and by mean time, where pg_stat_statements counts them.
  std::vector<ProbeTable> tables() override;

 private:
  struct Statement {
    std::string text;
    double calls = 0;
    double total_ms = 0;
    double rows = 0;
  };
  using Statements = std::map<std::string, Statement>;

  base::Result<> connect(base::Nanoseconds until);
  base::Result<io::PostgresRows> query(const char* sql, base::Nanoseconds until);
  base::Result<> set_sessions(Reading& into, base::Nanoseconds until);
  base::Result<> set_database(Reading& into, base::Nanoseconds until);
  base::Result<> set_rows(Reading& into, base::Nanoseconds until);
  base::Result<> set_statements(Reading& into, base::Nanoseconds until);
  base::Result<Statements> statements(const char* sql, base::Nanoseconds until);

  std::string url_;
  std::string label_;
  std::optional<io::Postgres> server_;
  bool counts_statements_ = false;
  double own_statements_ = 0;  // that pg_stat_statements counts too
  bool own_are_counted_ = false;
  std::optional<std::pair<double, double>> blocks_before_;  // found in memory, and read
  std::optional<base::Nanoseconds> rows_read_;
  std::optional<base::Nanoseconds> size_read_;
  std::optional<Statements> first_statements_;
};

// Watches the pools of a pgbouncer through its own database, `pgbouncer`, by SHOW POOLS.
class PgbouncerProbe final : public Probe {
 public:
  PgbouncerProbe(std::string url, std::string label) : url_(std::move(url)), label_(std::move(label)) {}

  std::string_view kind() const override { return "pgbouncer"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;

 private:
  std::string url_;
  std::string label_;
  std::optional<io::Postgres> server_;
};

}  // namespace loadlab
