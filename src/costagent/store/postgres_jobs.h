// Jobs in PostgreSQL, which many processes claim at once.
#pragma once

#include "costagent/domain/job_store.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// The pool must outlive it, and its database have the newest schema.
class PostgresJobs final : public JobStore {
 public:
  explicit PostgresJobs(PostgresPool& pool) : pool_(pool) {}

  base::Result<PushedJob> push(const Job& job, const JobLimits& limits) override;
  base::Result<std::optional<JobTime>> next_due(const std::vector<std::string>& kinds) override;
  base::Result<std::optional<Job>> claim(const JobClaim& claim) override;
  base::Result<LeaseState> extend(const JobLease& lease, JobTime until, const JobProgress& progress) override;
  base::Result<std::optional<JobState>> settle(const JobLease& lease, const JobEnd& end) override;
  base::Result<std::optional<Job>> cancel(const std::string& id, JobTime now, JobTime forget) override;
  base::Result<std::optional<Job>> retry(const std::string& id, JobTime now, const JobLimits& limits) override;
  base::Result<std::optional<Job>> find(const std::string& id) override;
  base::Result<std::vector<Job>> list(const JobQuery& query) override;
  base::Result<JobCounts> counts() override;
  base::Result<std::size_t> forget(JobTime now, std::size_t limit) override;

 private:
  PostgresPool& pool_;
};

}  // namespace costagent
