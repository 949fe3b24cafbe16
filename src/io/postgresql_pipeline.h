// Several prepared statements, sent at once and answered together: one round trip, whatever their number.
#pragma once

#include <deque>
#include <vector>

#include "base/result.h"
#include "io/postgresql.h"

namespace io {

// Outside of a transaction, its statements are one: all or none. The first that fails ends it; those behind it are not
// carried out. One thread; the connection must outlive it and is not used otherwise between `add` and `run`.
//
// What it holds is bounded by who fills it: the parameters are in memory twice, and the rows of all statements at once.
class PostgresPipeline {
 public:
  explicit PostgresPipeline(Postgres& connection) : connection_(connection) {}

  void add(const PostgresStatement& statement, PostgresValues parameters = {});
  Postgres& connection() const { return connection_; }

  // What each statement gave, in their order, in binary form; the pipeline is empty then. `until` is as of
  // Postgres::run, but that all statements together may come up to it; when they do, the connection is lost. Errors
  // name the statement at fault.
  base::Result<std::vector<PostgresRows>> run(base::Nanoseconds until);

 private:
  struct Step {
    const PostgresStatement* statement;
    PostgresValues parameters;
  };
  // What was sent, for whose answer is awaited.
  struct Sent {
    enum class What { timeout, preparation, statement } what;
    const PostgresStatement* statement;
  };

  bool send(const std::vector<Step>& steps, base::Nanoseconds until);
  bool send_timeout(base::Nanoseconds until);
  bool send_step(const Step& step);
  base::Result<std::vector<PostgresRows>> collect(base::Nanoseconds until);
  void take(PostgresRows result, const Sent& answered, std::vector<PostgresRows>& rows);

  Postgres& connection_;
  std::vector<Step> steps_;
  std::deque<Sent> sent_;
  std::optional<std::chrono::milliseconds> timeout_sent_;
};

}  // namespace io
