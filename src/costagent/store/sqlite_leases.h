// Leases, and the records of what is done under them, in SQLite.
#pragma once

#include "costagent/domain/lease.h"
#include "costagent/store/connection_pool.h"

namespace costagent {

// The pool must outlive it.
class SqliteLeases final : public LeaseStore {
 public:
  explicit SqliteLeases(ConnectionPool& pool) : pool_(pool) {}

  base::Result<std::optional<Lease>> take(const std::string& name, const std::string& holder, base::UtcTime now,
                                          base::UtcTime until) override;
  base::Result<std::optional<Lease>> lease(const std::string& name) override;
  base::Result<bool> extend(const Lease& lease, base::UtcTime until) override;
  base::Result<bool> give_back(const Lease& lease) override;
  base::Result<std::optional<TaskRecord>> task(const std::string& name) override;
  base::Result<std::vector<TaskRecord>> tasks() override;
  base::Result<bool> save(const TaskRecord& record, const Lease& lease) override;

 private:
  base::Result<bool> set_end(const Lease& lease, base::UtcTime until);

  ConnectionPool& pool_;
};

}  // namespace costagent
