// Runs the queue's jobs: threads that claim them, keep their leases and tell what became of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/domain/job_queue.h"
#include "costagent/domain/job_use.h"

namespace costagent {

// A handler's side of the attempt that it makes. Thread-safe.
class JobContext {
 public:
  // `deadline` is of the monotonic clock.
  explicit JobContext(base::Nanoseconds deadline) : deadline_(deadline) {}

  // Whether to give up soon, with any failure: nobody wants the result any more, the time is over, or the agent stops.
  bool cancelled() const { return reason_.load() != Reason::none; }

  // What the attempt is at, for those who look at the job: it is told them with the next heartbeat.
  void progress(double share, std::string note = {});

  base::Nanoseconds deadline() const { return deadline_; }

 private:
  friend class JobRunner;
  enum class Reason { none, cancelled, lost, late, stopping };

  void give_up(Reason reason);

  const base::Nanoseconds deadline_;
  std::atomic<Reason> reason_{Reason::none};
  mutable std::mutex mutex_;
  JobProgress progress_;
};

// Does what a job says, and returns its result as a JSON object. It may be done twice, or by two at once for a moment,
// and must come to the same. Failures that may pass (unavailable, timeout, io, conflict, internal) are tried again,
// others not. Its thread's deadline (base/deadline.h) is the attempt's.
using JobHandler = std::function<base::Result<std::string>(const Job& job, JobContext& context)>;

// Told of a job that has ended for good by an attempt of this process, once that is written down: what was kept for it
// alone can go.
using JobEnded = std::function<void(const Job& job)>;

struct JobRunnerOptions {
  std::string worker = "costagent";  // what others see of this process
  unsigned threads = 1;
  // A job whose worker has been silent for this long is run by another. It must be longer than the store's writer may
  // be waited for, and than clocks of machines differ.
  std::chrono::milliseconds visibility{30'000};
  std::chrono::milliseconds heartbeat{2'000};
  // An attempt that takes longer is told to give up, and its lease is no longer kept.
  std::chrono::milliseconds longest{3'600'000};
};

// Queue and clock must outlive it. Register, start, and stop from one thread; `use` from any.
class JobRunner {
 public:
  JobRunner(JobQueue& queue, const base::Clock& clock, JobRunnerOptions options);
  // Waits for what runs, however long that takes.
  ~JobRunner();

  // Which jobs this process runs. Call it before `start`.
  void register_kind(std::string kind, JobHandler handler, JobEnded ended = {});

  // Called, before `start`, with who is told of all kinds of jobs.
  void when_ended(JobEnded told) { told_ = std::move(told); }

  void start();

  // Claims nothing more, and waits until what runs has ended, at most as long as given. What has not is told to give
  // up, and a second later given back to the queue without counting the attempt. False: a handler is still at it; what
  // it says counts nothing any more.
  bool stop(std::chrono::milliseconds bound);

  // As of the last heartbeat.
  JobUse use() const;

 private:
  struct Attempt {
    Attempt(Job claimed, base::Nanoseconds deadline) : job(std::move(claimed)), context(deadline) {}
    const Job job;
    JobContext context;
  };
  class Running;

  void work(const std::stop_token& stop);
  void run(Job job);
  base::Result<std::string> handle(Attempt& attempt) const;
  void settle(const Attempt& attempt, const base::Result<std::string>& outcome);
  base::Result<AttemptOutcome> settle_once(const Attempt& attempt, const base::Result<std::string>& outcome);
  void tell_ended(const Job& job, AttemptOutcome outcome, const base::Result<std::string>& result) const;
  void keep(const std::stop_token& stop);
  void keep_lease(Attempt& attempt);
  void look();
  void tell_whether_away(bool away);

  JobQueue& queue_;
  const base::Clock& clock_;
  const JobRunnerOptions options_;
  struct Kind {
    JobHandler handler;
    JobEnded ended;
  };
  std::map<std::string, Kind> kinds_;
  JobEnded told_;
  JobSeeker seeker_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::shared_ptr<Attempt>> running_;
  JobUse use_;
  std::atomic<bool> away_{false};
  std::atomic<bool> stopping_{false};

  // Joined in the destructor, the keeper after those whose leases it keeps.
  std::jthread keeper_;
  std::vector<std::jthread> workers_;
};

}  // namespace costagent
