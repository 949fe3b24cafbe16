// Leases and the records of tasks on PostgreSQL.
#pragma once

#include "costagent/domain/lease.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// The pool must outlive it, and its database have the newest schema.
class PostgresLeases final : public LeaseStore {
 public:
  explicit PostgresLeases(PostgresPool& pool) : pool_(pool) {}

  base::Result<std::optional<Lease>> take(const std::string& name, const std::string& holder, base::UtcTime now,
                                          base::UtcTime until) override;
  base::Result<std::optional<Lease>> lease(const std::string& name) override;
  base::Result<bool> extend(const Lease& lease, base::UtcTime until) override;
  base::Result<bool> give_back(const Lease& lease) override;
  base::Result<std::optional<TaskRecord>> task(const std::string& name) override;
  base::Result<std::vector<TaskRecord>> tasks() override;
  base::Result<bool> save(const TaskRecord& record, const Lease& lease) override;

 private:
  PostgresPool& pool_;
};

}  // namespace costagent
