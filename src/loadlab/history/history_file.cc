#include "loadlab/history/history_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "loadlab/history/queries.h"

namespace loadlab::history {
namespace {

using base::ErrorKind;

// Others write for milliseconds at a time.
constexpr int kBusyMs = 5'000;

// Of a history that is open: the tables' version, 0 of an empty file. Fails with `corrupt` on anything else.
base::Result<std::int64_t> version_of(io::Sqlite& file, const std::string& path) {
  const auto application = file.integer("PRAGMA application_id");
  if (!application) return application;
  const auto version = file.integer("PRAGMA user_version");
  if (!version) return version;
  const auto tables = file.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables;
  if (*tables > 0 && *application != kApplicationId)
    return base::fail(ErrorKind::corrupt, "{} is no history of loadlab; it was left as it is", path);
  if (*version > kVersion) {
    return base::fail(ErrorKind::corrupt, "{} was written by a newer loadlab (version {}, this one knows {})", path,
                      *version, kVersion);
  }
  return version;
}

base::Result<> make_tables(io::Sqlite& file) {
  if (const auto wal = file.execute("PRAGMA journal_mode = WAL"); !wal) return wal;
  auto transaction = io::Transaction::begin(file);
  if (!transaction) return base::pass_on(transaction);
  // Another process may have made them while this one waited.
  const auto now = file.integer("PRAGMA user_version");
  if (!now) return base::pass_on(now);
  for (auto made = *now; made < kVersion; ++made) {
    if (const auto done = file.execute(kMigrations[made]); !done) return done;
  }
  if (*now < kVersion) {
    const std::string stamp =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kVersion);
    if (const auto stamped = file.execute(stamp.c_str()); !stamped) return stamped;
  }
  return transaction->commit();
}

// What was written last stands in a log beside the file until it is put in.
bool has_log(const std::string& path) {
  struct stat log {};
  return ::stat((path + "-wal").c_str(), &log) == 0 && log.st_size > 0;
}

}  // namespace

base::Result<io::Sqlite> open_to_write(const std::string& path) {
  auto file = io::Sqlite::open(path, io::Sqlite::Mode::create, kBusyMs);
  if (!file) return file;
  const auto version = version_of(*file, path);
  if (!version) return base::pass_on(version);
  if (*version < kVersion) {
    if (const auto made = make_tables(*file); !made) return base::pass_on(made);
  }
  if (const auto lazy = file->execute("PRAGMA synchronous = NORMAL"); !lazy) return base::pass_on(lazy);
  return file;
}

namespace {

base::Result<io::Sqlite> open_and_check(const std::string& path, io::Sqlite::Mode mode) {
  auto file = io::Sqlite::open(path, mode, kBusyMs);
  if (!file) return file;
  if (const auto only = file->execute("PRAGMA query_only = ON"); !only) return base::pass_on(only);
  const auto version = version_of(*file, path);
  if (!version) return base::pass_on(version);
  if (*version == 0) return base::fail(ErrorKind::not_found, "no run is remembered in {} yet", path);
  // Those of an older loadlab can't be read as they are.
  if (*version < kVersion) {
    if (const auto renewed = open_to_write(path); !renewed) return base::pass_on(renewed);
  }
  return file;
}

}  // namespace

base::Result<ReadFile> open_to_read(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    return base::fail(ErrorKind::not_found, "there is no history {}; loadlab run --history {} makes it", path, path);
  }
  // With a right to write, so that whoever is last to close it takes the log away that readers need, too.
  auto file = open_and_check(path, io::Sqlite::Mode::read_write);
  if (file) return ReadFile{std::move(*file), false};
  // Who may not write in the folder can't read along with others unless somebody who may does so now.
  if (file.error().kind != ErrorKind::io || has_log(path)) return base::pass_on(file);
  auto unlocked = open_and_check(path, io::Sqlite::Mode::unchanging);
  if (!unlocked) return base::pass_on(unlocked);
  return ReadFile{std::move(*unlocked), true};
}

}  // namespace loadlab::history
