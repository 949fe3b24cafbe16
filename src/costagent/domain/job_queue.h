// Jobs in a queue that many workers share: each is run at least once, by one worker at a time.
//
// A worker that ends or hangs loses its lease, and another runs the job again: what a job does must come to the same
// when it is done twice. Implemented by queue/. Thread-safe. Errors as in fact_store.h, besides those that are named.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/job.h"

namespace costagent {

struct NewJob {
  std::string kind;
  std::string customer;
  std::string payload{"{}"};
  std::string key{};
  int priority = 0;
  std::string id{};  // from `new_id`; empty: one is made
};

// Who wants a job, of which kinds, and how long it may stay silent before the job is given to another.
struct JobSeeker {
  std::string worker;
  std::vector<std::string> kinds;
  std::chrono::milliseconds visibility;
};

class JobQueue {
 public:
  virtual ~JobQueue() = default;

  // An id that no job has: for who has to name something after the job before there is one.
  virtual std::string new_id() = 0;

  // The job as queued; or, if the customer has an unfinished job of the same key, that one. Fails with `unavailable`
  // when as many are queued as may be, and with `too_large` on a payload that is longer than any should be.
  virtual base::Result<Job> push(const NewJob& job) = 0;

  // A job that is this worker's now, if there is one; doesn't wait. Priority first, then the customer with the fewest
  // running jobs, then the one who was served longest ago, then age.
  virtual base::Result<std::optional<Job>> claim(const JobSeeker& seeker) = 0;

  // Until there may be something to claim, or a stop is asked for: a second or a few, at most. A push within this
  // process ends one worker's wait at once.
  virtual void wait(const std::stop_token& stop) = 0;

  virtual base::Result<LeaseState> extend(const JobLease& lease, std::chrono::milliseconds visibility,
                                          const JobProgress& progress) = 0;

  // These end an attempt: the job's state from now on, or none when the lease was lost, and nothing has changed.
  //
  // A job that was to be cancelled counts as done if it is done.
  virtual base::Result<std::optional<JobState>> finish(const Job& claimed, const std::string& result) = 0;
  // With `retryable`, and while attempts are left, it is queued again, to be tried after a pause; else failed.
  virtual base::Result<std::optional<JobState>> fail(const Job& claimed, const std::string& error, bool retryable) = 0;
  // Back into the queue at once, as if the attempt had not been made.
  virtual base::Result<std::optional<JobState>> give_back(const Job& claimed) = 0;

  // A queued job is cancelled, and a running one told to stop (`cancelling`). Once more changes nothing. Fails with
  // `not_found`, and with `conflict` when it is done or failed.
  virtual base::Result<Job> cancel(const std::string& id) = 0;

  // Queues a failed or cancelled job again, with all its attempts; an unfinished one is left as it is. Fails with
  // `not_found`; with `conflict` when it is done, or another unfinished one has its key; with `unavailable` as push
  // does.
  virtual base::Result<Job> retry(const std::string& id) = 0;

  // Fails with `not_found` for an id that never was, or was forgotten.
  virtual base::Result<Job> find(const std::string& id) = 0;
  virtual base::Result<std::vector<Job>> list(const JobQuery& query) = 0;
  virtual base::Result<JobCounts> counts() = 0;

  // Forgets what ended long ago. To be called now and then.
  virtual base::Result<> tidy() = 0;
};

}  // namespace costagent
