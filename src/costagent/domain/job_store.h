// Where jobs are kept, and the steps that must happen at once: the store's half of a queue. What is decided about jobs
// (how long to wait between attempts, how many to keep, whom to wake) is job_queue.h's.
//
// Implemented by store/. Every call is one transaction, blocks, and may be made from any thread and any process: what
// one has claimed, no other can. Times are the caller's, so that a fake clock rules them; the clocks of machines that
// share a store must agree to well within the length of a lease. Errors as in fact_store.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/job.h"

namespace costagent {

// How many jobs may be queued.
struct JobLimits {
  std::size_t in_all = 0;
  std::size_t of_customer = 0;
};

struct PushedJob {
  Job job;
  bool added = false;  // false: an unfinished one of the same customer and key
};

struct JobClaim {
  std::string worker;
  std::vector<std::string> kinds;  // others are left to who knows them
  JobTime now;
  JobTime until;   // the end of the lease
  JobTime forget;  // when a job that ends by this call is forgotten
};

// How a worker's attempt ended.
struct JobEnd {
  JobState state = JobState::done;  // or failed, or queued: to be tried again from `due` on
  JobTime now;
  JobTime due{};
  JobTime forget{};
  bool counts = true;  // false: as if the attempt had not been made
  std::string result{};
  std::string error{};
};

class JobStore {
 public:
  virtual ~JobStore() = default;

  // Adds a queued job, unless there is an unfinished one of the same customer and key that has not been cancelled.
  // Fails with `unavailable` where a limit is reached.
  virtual base::Result<PushedJob> push(const Job& job, const JobLimits& limits) = 0;

  // When the next job of these kinds becomes claimable, or a lease runs out: a time that is past means now. None: no
  // job is unfinished. Takes no lock.
  virtual base::Result<std::optional<JobTime>> next_due(const std::vector<std::string>& kinds) = 0;

  // First takes back every job whose lease has run out: it is queued again, or failed if that was its last attempt, or
  // cancelled if that was asked for. Then claims a queued job that is due, if there is one: of those with the highest
  // priority one of the customer with the fewest running jobs; among these of the one who was served longest ago; of
  // that customer's the oldest. There may be none, too, where that one was cancelled at that moment.
  virtual base::Result<std::optional<Job>> claim(const JobClaim& claim) = 0;

  // Moves the end of the lease. The progress of one that was told to stop stays where it was.
  virtual base::Result<LeaseState> extend(const JobLease& lease, JobTime until, const JobProgress& progress) = 0;

  // Ends the attempt. A job that was to be cancelled becomes so, unless it is done. The state that the job has now;
  // none when the lease was lost, and nothing has changed.
  virtual base::Result<std::optional<JobState>> settle(const JobLease& lease, const JobEnd& end) = 0;

  // A queued job is cancelled, a running one told to stop, and an ended one left as it is. None if there is no such
  // job.
  virtual base::Result<std::optional<Job>> cancel(const std::string& id, JobTime now, JobTime forget) = 0;

  // Queues a failed or cancelled job again, with all its attempts; any other is left as it is. None if there is no such
  // job. Fails with `conflict` when an unfinished one has its key, and with `unavailable` as push does.
  virtual base::Result<std::optional<Job>> retry(const std::string& id, JobTime now, const JobLimits& limits) = 0;

  virtual base::Result<std::optional<Job>> find(const std::string& id) = 0;
  virtual base::Result<std::vector<Job>> list(const JobQuery& query) = 0;
  virtual base::Result<JobCounts> counts() = 0;

  // Forgets ended jobs whose time has come, at most `limit` of them; how many they were.
  virtual base::Result<std::size_t> forget(JobTime now, std::size_t limit) = 0;
};

}  // namespace costagent
