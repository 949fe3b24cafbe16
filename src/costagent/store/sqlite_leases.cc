#include "costagent/store/sqlite_leases.h"

#include "costagent/store/milliseconds.h"
#include "costagent/store/queries.h"

namespace costagent {
namespace {

TaskRecord record_of(const io::Statement& row) {
  TaskRecord record;
  record.task = row.text(0);
  record.due = time_of(row.integer(1));
  record.started = time_of(row.integer(2));
  record.finished = time_of(row.integer(3));
  record.holder = row.text(4);
  record.error = row.text(5);
  record.runs = row.integer(6);
  record.failures = row.integer(7);
  return record;
}

}  // namespace

base::Result<std::optional<Lease>> SqliteLeases::take(const std::string& name, const std::string& holder,
                                                      base::UtcTime now, base::UtcTime until) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto statement = writer->connection.cached(kTakeLease);
  if (!statement) return base::pass_on(statement);
  io::Statement& row = **statement;
  row.bind(1, std::string_view(name)).bind(2, std::string_view(holder)).bind(3, milliseconds_of(until));
  row.bind(4, milliseconds_of(now));
  const auto taken = row.step();
  if (!taken) return base::pass_on(taken);
  if (!*taken) return std::optional<Lease>();
  const Lease lease{name, holder, until, row.integer(0)};
  // All of the statement, before the transaction ends.
  if (const auto rest = row.run(); !rest) return base::pass_on(rest);
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return std::optional(lease);
}

base::Result<std::optional<Lease>> SqliteLeases::lease(const std::string& name) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kLeaseByName);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(name));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<Lease>();
  const Lease found{name, std::string((*select)->text(0)), time_of((*select)->integer(1)), (*select)->integer(2)};
  (*select)->reset();
  return std::optional(found);
}

base::Result<bool> SqliteLeases::set_end(const Lease& lease, base::UtcTime until) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto update = writer->connection.cached(kSetLeaseEnd);
  if (!update) return base::pass_on(update);
  (*update)->bind(1, milliseconds_of(until)).bind(2, std::string_view(lease.name)).bind(3, lease.token);
  if (const auto updated = (*update)->run(); !updated) return base::pass_on(updated);
  const bool held = writer->connection.changes() > 0;
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return held;
}

base::Result<bool> SqliteLeases::extend(const Lease& lease, base::UtcTime until) { return set_end(lease, until); }

base::Result<bool> SqliteLeases::give_back(const Lease& lease) { return set_end(lease, base::UtcTime{}); }

base::Result<std::optional<TaskRecord>> SqliteLeases::task(const std::string& name) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kTaskByName);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(name));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<TaskRecord>();
  auto record = record_of(**select);
  (*select)->reset();
  return std::optional(std::move(record));
}

base::Result<std::vector<TaskRecord>> SqliteLeases::tasks() {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kAllTasks);
  if (!select) return base::pass_on(select);
  std::vector<TaskRecord> records;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return records;
    records.push_back(record_of(**select));
  }
}

base::Result<bool> SqliteLeases::save(const TaskRecord& record, const Lease& lease) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto insert = writer->connection.cached(kSaveTask);
  if (!insert) return base::pass_on(insert);
  io::Statement& row = **insert;
  row.bind(1, std::string_view(record.task)).bind(2, milliseconds_of(record.due));
  row.bind(3, milliseconds_of(record.started)).bind(4, milliseconds_of(record.finished));
  row.bind(5, std::string_view(record.holder)).bind(6, std::string_view(record.error));
  row.bind(7, record.runs).bind(8, record.failures);
  row.bind(9, std::string_view(lease.name)).bind(10, lease.token);
  if (const auto saved = row.run(); !saved) return base::pass_on(saved);
  const bool held = writer->connection.changes() > 0;
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return held;
}

}  // namespace costagent
