// What is remembered of watched files, in SQLite.
#pragma once

#include "costagent/domain/watch_store.h"
#include "costagent/store/connection_pool.h"

namespace costagent {

// The pool must outlive it.
class SqliteWatch final : public WatchStore {
 public:
  explicit SqliteWatch(ConnectionPool& pool) : pool_(pool) {}

  base::Result<std::vector<WatchedFile>> files(const std::string& customer) override;
  base::Result<std::size_t> save(const std::string& customer, std::span<const WatchedFile> files) override;
  base::Result<> forget(const std::string& customer, std::span<const std::string> paths) override;
  base::Result<std::map<WatchedState, std::size_t>> counts() override;

 private:
  ConnectionPool& pool_;
};

}  // namespace costagent
