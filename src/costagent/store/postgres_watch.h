// What is remembered of watched files, on PostgreSQL.
#pragma once

#include "costagent/domain/watch_store.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// The pool must outlive it, and its database have the newest schema.
class PostgresWatch final : public WatchStore {
 public:
  explicit PostgresWatch(PostgresPool& pool) : pool_(pool) {}

  base::Result<std::vector<WatchedFile>> files(const std::string& customer) override;
  base::Result<std::size_t> save(const std::string& customer, std::span<const WatchedFile> files) override;
  base::Result<> forget(const std::string& customer, std::span<const std::string> paths) override;
  base::Result<std::map<WatchedState, std::size_t>> counts() override;

 private:
  PostgresPool& pool_;
};

}  // namespace costagent
