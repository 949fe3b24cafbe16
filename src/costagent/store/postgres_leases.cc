#include "costagent/store/postgres_leases.h"

#include "costagent/store/milliseconds.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_queries.h"

namespace costagent {
namespace {

using io::PostgresValues;

TaskRecord record_of(const io::PostgresRows& rows, int row) {
  TaskRecord record;
  record.task = rows.text(row, 0);
  record.due = time_of(rows.integer(row, 1));
  record.started = time_of(rows.integer(row, 2));
  record.finished = time_of(rows.integer(row, 3));
  record.holder = rows.text(row, 4);
  record.error = rows.text(row, 5);
  record.runs = rows.integer(row, 6);
  record.failures = rows.integer(row, 7);
  return record;
}

// Whether a statement that changes one row, if the lease is still held, has.
base::Result<bool> changed(const base::Result<io::PostgresRows>& rows) {
  if (!rows) return base::pass_on(rows);
  return rows->affected() > 0;
}

}  // namespace

base::Result<std::optional<Lease>> PostgresLeases::take(const std::string& name, const std::string& holder,
                                                        base::UtcTime now, base::UtcTime until) {
  PostgresValues values;
  values.text(name).text(holder).int64(milliseconds_of(until)).int64(milliseconds_of(now));
  const auto taken = ask(pool_, postgres::kTakeLease, values);
  if (!taken) return base::pass_on(taken);
  if (taken->size() == 0) return std::optional<Lease>();
  return std::optional(Lease{name, holder, until, taken->integer(0, 0)});
}

base::Result<std::optional<Lease>> PostgresLeases::lease(const std::string& name) {
  const auto rows = ask(pool_, postgres::kLeaseByName, PostgresValues().text(name));
  if (!rows) return base::pass_on(rows);
  if (rows->size() == 0) return std::optional<Lease>();
  return std::optional(Lease{name, std::string(rows->text(0, 0)), time_of(rows->integer(0, 1)), rows->integer(0, 2)});
}

base::Result<bool> PostgresLeases::extend(const Lease& lease, base::UtcTime until) {
  PostgresValues values;
  values.int64(milliseconds_of(until)).text(lease.name).int64(lease.token);
  return changed(ask(pool_, postgres::kSetLeaseEnd, values));
}

base::Result<bool> PostgresLeases::give_back(const Lease& lease) { return extend(lease, base::UtcTime{}); }

base::Result<std::optional<TaskRecord>> PostgresLeases::task(const std::string& name) {
  const auto rows = ask(pool_, postgres::kTaskByName, PostgresValues().text(name));
  if (!rows) return base::pass_on(rows);
  if (rows->size() == 0) return std::optional<TaskRecord>();
  return std::optional(record_of(*rows, 0));
}

base::Result<std::vector<TaskRecord>> PostgresLeases::tasks() {
  const auto rows = ask(pool_, postgres::kAllTasks, {});
  if (!rows) return base::pass_on(rows);
  std::vector<TaskRecord> records;
  for (int row = 0; row < rows->size(); ++row) records.push_back(record_of(*rows, row));
  return records;
}

base::Result<bool> PostgresLeases::save(const TaskRecord& record, const Lease& lease) {
  PostgresValues values;
  values.text(record.task).int64(milliseconds_of(record.due)).int64(milliseconds_of(record.started));
  values.int64(milliseconds_of(record.finished)).text(record.holder).bytes(record.error).int64(record.runs);
  values.int64(record.failures).text(lease.name).int64(lease.token);
  return changed(ask(pool_, postgres::kSaveTask, values));
}

}  // namespace costagent
