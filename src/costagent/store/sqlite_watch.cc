#include "costagent/store/sqlite_watch.h"

#include "costagent/store/milliseconds.h"
#include "costagent/store/queries.h"
#include "costagent/store/watch_rows.h"

namespace costagent {
namespace {

WatchedFile file_of(const io::Statement& row) {
  WatchedFile file;
  file.path = row.text(0);
  file.state = watched_state(row.text(1));
  file.stamp = {row.integer(2), row.integer(3), row.integer(4)};
  file.digest = row.text(5);
  file.job = row.text(6);
  file.error = row.text(7);
  file.due = time_of(row.integer(8));
  file.since = time_of(row.integer(9));
  file.revision = row.integer(10);
  return file;
}

}  // namespace

base::Result<std::vector<WatchedFile>> SqliteWatch::files(const std::string& customer) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kWatchedFiles);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer)).bind(2, static_cast<std::int64_t>(kMostFiles));
  std::vector<WatchedFile> files;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return files;
    files.push_back(file_of(**select));
  }
}

base::Result<std::size_t> SqliteWatch::save(const std::string& customer, std::span<const WatchedFile> files) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto insert = writer->connection.cached(kSaveWatchedFile);
  if (!insert) return base::pass_on(insert);
  std::size_t saved = 0;
  for (const WatchedFile& file : files) {
    io::Statement& row = **insert;
    row.bind(1, std::string_view(customer)).bind(2, std::string_view(file.path)).bind(3, name_of(file.state));
    row.bind(4, file.stamp.size).bind(5, file.stamp.modified).bind(6, file.stamp.changed);
    row.bind(7, std::string_view(file.digest)).bind(8, std::string_view(file.job));
    row.bind(9, std::string_view(file.error)).bind(10, milliseconds_of(file.due));
    row.bind(11, milliseconds_of(file.since)).bind(12, file.revision + 1);
    if (const auto done = row.run(); !done) return base::pass_on(done);
    saved += writer->connection.changes() > 0 ? 1 : 0;
  }
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return saved;
}

base::Result<> SqliteWatch::forget(const std::string& customer, std::span<const std::string> paths) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto remove = writer->connection.cached(kForgetWatchedFile);
  if (!remove) return base::pass_on(remove);
  for (const std::string& path : paths) {
    (*remove)->bind(1, std::string_view(customer)).bind(2, std::string_view(path));
    if (auto done = (*remove)->run(); !done) return done;
  }
  return writer->transaction.commit();
}

base::Result<std::map<WatchedState, std::size_t>> SqliteWatch::counts() {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kCountWatchedFiles);
  if (!select) return base::pass_on(select);
  std::map<WatchedState, std::size_t> counts;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return counts;
    counts[watched_state((*select)->text(0))] += static_cast<std::size_t>((*select)->integer(1));
  }
}

}  // namespace costagent
