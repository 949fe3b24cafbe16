#include "costagent/store/connection_pool.h"

#include "costagent/store/schema.h"

namespace costagent {

base::Result<std::unique_ptr<ConnectionPool>> ConnectionPool::open(const std::string& path) {
  auto writer = io::Sqlite::open(path, io::Sqlite::Mode::create, kBusyMs);
  if (!writer) return base::pass_on(writer);
  if (const auto migrated = migrate(*writer, path); !migrated) return base::pass_on(migrated);
  // A commit is safe from a killed process at once, and from a power cut once the log's next checkpoint is
  // synchronised.
  if (const auto set =
          writer->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
                          "PRAGMA journal_size_limit = 67108864;");
      !set) {
    return base::pass_on(set);
  }
  return std::unique_ptr<ConnectionPool>(new ConnectionPool(path, std::move(*writer)));
}

base::Result<ConnectionPool::Lease> ConnectionPool::reader() {
  {
    std::unique_lock lock(readers_mutex_);
    const bool free = returned_.wait_for(lock, std::chrono::milliseconds(kBusyMs),
                                         [this] { return !idle_.empty() || open_ < kMaxReaders; });
    if (!free) {
      return base::fail(base::ErrorKind::unavailable, "all {} connections to {} are in use; try again later",
                        kMaxReaders, path_);
    }
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
    ++open_;
  }
  auto connection = io::Sqlite::open(path_, io::Sqlite::Mode::read_only, kBusyMs);
  if (!connection) {
    const std::lock_guard lock(readers_mutex_);
    --open_;
    return base::pass_on(connection);
  }
  return Lease(*this, std::make_unique<io::Sqlite>(std::move(*connection)));
}

void ConnectionPool::give_back(std::unique_ptr<io::Sqlite> connection) {
  {
    const std::lock_guard lock(readers_mutex_);
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace costagent
