#include "costagent/store/postgres_watch.h"

#include "costagent/store/milliseconds.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_queries.h"
#include "costagent/store/watch_rows.h"

namespace costagent {
namespace {

using io::PostgresValues;

WatchedFile file_of(const io::PostgresRows& rows, int row) {
  WatchedFile file;
  file.path = rows.text(row, 0);
  file.state = watched_state(rows.text(row, 1));
  file.stamp = {rows.integer(row, 2), rows.integer(row, 3), rows.integer(row, 4)};
  file.digest = rows.text(row, 5);
  file.job = rows.text(row, 6);
  file.error = rows.text(row, 7);
  file.due = time_of(rows.integer(row, 8));
  file.since = time_of(rows.integer(row, 9));
  file.revision = rows.integer(row, 10);
  return file;
}

// One array a column.
struct Columns {
  std::vector<std::string_view> paths, errors;
  std::vector<std::string> states, digests, jobs;
  std::vector<std::int64_t> sizes, modified, changed, dues, sinces, revisions;

  void add(const WatchedFile& file) {
    paths.emplace_back(file.path);
    states.emplace_back(name_of(file.state));
    sizes.push_back(file.stamp.size);
    modified.push_back(file.stamp.modified);
    changed.push_back(file.stamp.changed);
    digests.push_back(file.digest);
    jobs.push_back(file.job);
    errors.emplace_back(file.error);
    dues.push_back(milliseconds_of(file.due));
    sinces.push_back(milliseconds_of(file.since));
    revisions.push_back(file.revision + 1);
  }
};

}  // namespace

base::Result<std::vector<WatchedFile>> PostgresWatch::files(const std::string& customer) {
  const auto rows =
      ask(pool_, postgres::kWatchedFiles, PostgresValues().text(customer).int64(static_cast<std::int64_t>(kMostFiles)));
  if (!rows) return base::pass_on(rows);
  std::vector<WatchedFile> files;
  files.reserve(static_cast<std::size_t>(rows->size()));
  for (int row = 0; row < rows->size(); ++row) files.push_back(file_of(*rows, row));
  return files;
}

base::Result<std::size_t> PostgresWatch::save(const std::string& customer, std::span<const WatchedFile> files) {
  if (files.empty()) return 0;
  Columns columns;
  for (const WatchedFile& file : files) columns.add(file);
  PostgresValues values;
  values.text(customer).byte_strings(columns.paths).texts(columns.states).int64s(columns.sizes);
  values.int64s(columns.modified).int64s(columns.changed).texts(columns.digests).texts(columns.jobs);
  values.byte_strings(columns.errors).int64s(columns.dues).int64s(columns.sinces).int64s(columns.revisions);
  const auto saved = ask(pool_, postgres::kSaveWatchedFiles, values);
  if (!saved) return base::pass_on(saved);
  return static_cast<std::size_t>(saved->affected());
}

base::Result<> PostgresWatch::forget(const std::string& customer, std::span<const std::string> paths) {
  const std::vector<std::string_view> views(paths.begin(), paths.end());
  const auto forgotten = ask(pool_, postgres::kForgetWatchedFiles, PostgresValues().text(customer).byte_strings(views));
  if (!forgotten) return base::pass_on(forgotten);
  return {};
}

base::Result<std::map<WatchedState, std::size_t>> PostgresWatch::counts() {
  const auto rows = ask(pool_, postgres::kCountWatchedFiles, {});
  if (!rows) return base::pass_on(rows);
  std::map<WatchedState, std::size_t> counts;
  for (int row = 0; row < rows->size(); ++row)
    counts[watched_state(rows->text(row, 0))] += static_cast<std::size_t>(rows->integer(row, 1));
  return counts;
}

}  // namespace costagent
