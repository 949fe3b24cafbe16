#include "costagent/store/connection_pool.h"

#include <sys/stat.h>

#include "base/deadline.h"
#include "costagent/store/schema.h"

namespace costagent {
namespace {

base::Failure too_late(const char* awaited) {
  return base::fail(base::ErrorKind::timeout, "the time for this was over before {} was free", awaited);
}

}  // namespace

base::Result<std::unique_ptr<ConnectionPool>> ConnectionPool::open(const std::string& path, int busy_ms) {
  auto writer = io::Sqlite::open(path, io::Sqlite::Mode::create, busy_ms);
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
  return std::unique_ptr<ConnectionPool>(new ConnectionPool(path, busy_ms, std::move(*writer)));
}

ConnectionPool::ConnectionPool(std::string path, int busy_ms, io::Sqlite writer)
    : path_(std::move(path)), busy_ms_(busy_ms), opened_(identity()), writer_(std::move(writer)) {}

ConnectionPool::FileIdentity ConnectionPool::identity() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

base::Result<> ConnectionPool::check_file() const {
  if (identity() == opened_) return {};
  return base::fail(base::ErrorKind::unavailable,
                    "the database {} was removed or replaced while it was open; put it back, or start again", path_);
}

base::Result<ConnectionPool::Writer> ConnectionPool::writer() {
  if (const auto there = check_file(); !there) return base::pass_on(there);
  const base::Nanoseconds before = base::SystemClock::monotonic_now();
  {
    const std::lock_guard lock(writer_mutex_);
    ++writers_waiting_;
  }
  auto writer = begin_writing();
  const base::Nanoseconds waited = base::SystemClock::monotonic_now() - before;
  const std::lock_guard lock(writer_mutex_);
  --writers_waiting_;
  waited_to_write_ += waited;
  return writer;
}

// Waits for the turn within this process, and then for other processes.
base::Result<ConnectionPool::Writer> ConnectionPool::begin_writing() {
  const auto busy = [this](const char* who) {
    return base::fail(base::ErrorKind::unavailable, "{} has been writing to {} for more than {} s; try again later",
                      who, path_, busy_ms_ / 1000);
  };
  {
    std::unique_lock lock(writer_mutex_);
    const auto patience = base::time_left(std::chrono::milliseconds(busy_ms_));
    const bool free = turn_over_.wait_for(lock, patience, [this] { return !writing_; });
    if (!free && base::deadline_passed()) return too_late("the database's one writer");
    if (!free) return busy("another request");
    writing_ = true;
  }
  Turn turn(*this);
  auto transaction = io::Transaction::begin(writer_);
  if (!transaction && transaction.error().kind == base::ErrorKind::unavailable) return busy("another process");
  if (!transaction) return base::pass_on(transaction);
  return Writer{std::move(turn), writer_, std::move(*transaction)};
}

void ConnectionPool::end_turn() {
  {
    const std::lock_guard lock(writer_mutex_);
    writing_ = false;
  }
  turn_over_.notify_one();
}

base::Result<ConnectionPool::Lease> ConnectionPool::reader() {
  if (const auto there = check_file(); !there) return base::pass_on(there);
  {
    std::unique_lock lock(readers_mutex_);
    ++readers_waiting_;
    const auto patience = base::time_left(std::chrono::milliseconds(busy_ms_));
    const bool free = returned_.wait_for(lock, patience, [this] { return !idle_.empty() || open_ < kMaxReaders; });
    --readers_waiting_;
    if (!free && base::deadline_passed()) return too_late("a connection to the database");
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
  auto connection = io::Sqlite::open(path_, io::Sqlite::Mode::read_only, busy_ms_);
  if (!connection) {
    const std::lock_guard lock(readers_mutex_);
    --open_;
    return base::pass_on(connection);
  }
  return Lease(*this, std::make_unique<io::Sqlite>(std::move(*connection)));
}

DatabaseUse ConnectionPool::use() const {
  DatabaseUse use;
  use.size = kMaxReaders;
  {
    const std::lock_guard lock(readers_mutex_);
    use.in_use = open_ - idle_.size();
    use.waiting = readers_waiting_;
  }
  {
    const std::lock_guard lock(writer_mutex_);
    use.writers = writers_waiting_;
    use.wait = waited_to_write_;
  }
  struct stat status {};
  if (::stat((path_ + "-wal").c_str(), &status) == 0) use.log_bytes = static_cast<std::uint64_t>(status.st_size);
  return use;
}

void ConnectionPool::give_back(std::unique_ptr<io::Sqlite> connection) {
  {
    const std::lock_guard lock(readers_mutex_);
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace costagent
