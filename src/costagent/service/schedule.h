// Work that is done again and again, by one process only, however many there are.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "costagent/domain/lease.h"

namespace costagent {

// One run of a task, seen from within it. Thread-safe.
class TaskRun {
 public:
  TaskRun(const base::Clock& clock, Lease lease) : clock_(clock), lease_(std::move(lease)) {}

  // Fails with `cancelled` when the agent is being stopped, and with `conflict` when the lease was lost, or ran out:
  // the work must then end, having written nothing more. To be asked before each step.
  base::Result<> go_on() const;

  // The lease with its token, for a store that refuses what comes under an older one.
  Lease lease() const;

 private:
  friend class Schedule;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  Lease lease_;
  bool lost_ = false;
  bool stopping_ = false;
};

struct Task {
  std::string name;  // letters, digits, `_`: of the lease, of a metric's label
  std::chrono::seconds interval{3600};
  // A run is due an interval after the last one's start, and up to this share of it later, at random, so that tasks of
  // one length don't meet for ever.
  double jitter = 0.1;
  // The lease of a run that takes longer isn't extended any more: another process may then take it for hung.
  std::chrono::seconds limit{600};
  std::function<base::Result<>(const TaskRun&)> work{};
};

struct ScheduleOptions {
  std::string holder;  // this process, for people: host and worker
  // For so long a holder that died, or sleeps, keeps others from its task. Extended at a third of it.
  std::chrono::milliseconds lease{30'000};
  std::uint64_t seed = 1;  // of the jitter
};

// What this process has done of a task.
struct TaskCounts {
  std::string task;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;  // runs whose end did not count, as the lease was another's by then
  base::Nanoseconds busy{};
  base::UtcTime last_finished{};
};

// Runs its tasks, one after the other, on one thread, and extends the lease of the running one on another. Every due
// time is run once: whoever takes the task's lease first runs it, and moves the due time on with its end. A run that
// its process did not survive is begun anew by another once the lease is over; so is one whose process was paused for
// longer than that, and what the paused one still does is refused by the token. A task that was never run is due at
// once, a failed run waits for the next due time.
//
// `start`, `stop` and `counts` are thread-safe. Store and clock must outlive it.
class Schedule {
 public:
  Schedule(LeaseStore& leases, const base::Clock& clock, ScheduleOptions options);
  ~Schedule();

  // Before `start`. Names must differ.
  void add(Task task);

  void start();

  // Begins nothing more, tells the running task to end, and waits for it, at most as long as given. True if it ended;
  // else the destructor waits on.
  bool stop(std::chrono::milliseconds bound);

  std::vector<TaskCounts> counts() const;

  // What the two threads do, for tests, which start none. Runs what is due and free; returns when to look again.
  base::UtcTime run_due();
  // Extends the lease of what runs.
  void extend();

 private:
  struct Planned {
    Task task;
    base::UtcTime look_at{};  // not before
    TaskCounts counts;
  };

  void run_all();
  void keep_lease();
  base::UtcTime look_at(Planned& planned, base::UtcTime now);
  base::UtcTime run(Planned& planned, const Lease& lease, TaskRecord record);
  base::Result<> work(Planned& planned, const std::shared_ptr<TaskRun>& run);
  void log_failed(const Planned& planned, const base::Error& error) const;

  LeaseStore& leases_;
  const base::Clock& clock_;
  const ScheduleOptions options_;
  base::Random random_;
  std::vector<Planned> tasks_;  // their counts under the mutex, the rest is the running thread's

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool running_threads_ = false;
  std::shared_ptr<TaskRun> current_;
  base::UtcTime extend_until_{};  // the end of the current run's limit
  std::thread runner_;
  std::thread keeper_;
};

}  // namespace costagent
