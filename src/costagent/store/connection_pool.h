// A store's connections: one that writes, and a few that read beside it, as SQLite's write-ahead log allows.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "costagent/domain/database_use.h"
#include "io/sqlite.h"

namespace costagent {

// Thread-safe. A borrowed connection goes back when its lease ends.
class ConnectionPool {
 public:
  // Readers at work at once: more than the threads that a small machine runs are of no use.
  static constexpr std::size_t kMaxReaders = 16;
  // How long a lock, of this process or another, or a free connection is waited for: as long as a person would, and
  // longer than most files take. A request's deadline (base/deadline.h) ends the wait before that.
  static constexpr int kBusyMs = 10'000;

  static base::Result<std::unique_ptr<ConnectionPool>> open(const std::string& path, int busy_ms = kBusyMs);

  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<io::Sqlite> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    io::Sqlite& operator*() { return *connection_; }
    io::Sqlite* operator->() { return connection_.get(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<io::Sqlite> connection_;
  };

  // Fails with `unavailable` when all are in use for too long, or the database's file is no longer where it was opened:
  // what is written into a removed file is lost. Fails with `timeout` when the thread's deadline is over before that.
  base::Result<Lease> reader();

  // Whose turn it is to write; over when this goes.
  class Turn {
   public:
    explicit Turn(ConnectionPool& pool) : pool_(&pool) {}
    Turn(Turn&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (pool_ != nullptr) pool_->end_turn();
    }

   private:
    ConnectionPool* pool_;
  };

  // The one writing connection, and a transaction on it that is rolled back unless it is committed.
  struct Writer {
    Turn turn;
    io::Sqlite& connection;
    io::Transaction transaction;
  };
  // Fails with `unavailable` when somebody else writes for too long, with `timeout` as above.
  base::Result<Writer> writer();

  DatabaseUse use() const;

  // Of the file as it was opened.
  std::uint64_t inode() const { return opened_.inode; }

 private:
  // What tells one file from another of the same name.
  struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const FileIdentity&) const = default;
  };

  ConnectionPool(std::string path, int busy_ms, io::Sqlite writer);
  FileIdentity identity() const;
  base::Result<> check_file() const;
  base::Result<Writer> begin_writing();
  void end_turn();
  void give_back(std::unique_ptr<io::Sqlite> connection);

  std::string path_;
  int busy_ms_;
  FileIdentity opened_;
  // A flag and its condition, as ThreadSanitizer of GCC 12 doesn't know how a std::timed_mutex is locked.
  mutable std::mutex writer_mutex_;
  std::condition_variable turn_over_;
  bool writing_ = false;
  std::size_t writers_waiting_ = 0;
  base::Nanoseconds waited_to_write_{0};
  io::Sqlite writer_;
  mutable std::mutex readers_mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<io::Sqlite>> idle_;
  std::size_t open_ = 0;
  std::size_t readers_waiting_ = 0;
};

}  // namespace costagent
