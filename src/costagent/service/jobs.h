// Work in the background: a bounded queue, a worker thread, and what became of each job.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "base/random.h"
#include "costagent/domain/state_store.h"

namespace costagent {

// What a job is told to have failed of that its process did not survive.
inline constexpr const char* kCutShort = "the agent ended before the job did: submit it again";

struct JobQueueOptions {
  // Beyond this many waiting jobs a new one is refused: a queue that long is minutes of work.
  std::size_t capacity = 256;
  std::uint64_t seed = 1;  // of the ids, which are unguessable only if it is
  // Nobody else works on the jobs of this database, so that those which are unfinished at the start will never be done.
  bool alone = true;
};

// Thread-safe. One worker, as what jobs do ends in the store's single writer. State is kept in the StateStore when a
// job is queued and when it ended; that it runs is known to this process alone, and a job that a crash left behind is
// failed when the next queue starts, running or not.
class JobQueue {
 public:
  // What a job does: returns its result as a JSON object.
  using Work = std::function<base::Result<std::string>()>;

  // The stores and the clock must outlive the queue.
  JobQueue(StateStore& state, const base::Clock& clock, JobQueueOptions options);
  ~JobQueue();

  // Begins to work; if alone, fails what an earlier process left unfinished.
  base::Result<> start();

  // The job as queued. Fails with `unavailable` when the queue is full or being stopped, and as the store does.
  base::Result<Job> submit(const std::string& kind, const std::string& customer, Work work);

  // Fails with `not_found` for an id that never was.
  base::Result<Job> find(const std::string& id);

  // Takes no more jobs, fails those that wait, and waits until the running one ends, at most as long as given. True if
  // it ended; else the destructor waits on.
  bool stop(std::chrono::milliseconds bound);

 private:
  struct Waiting {
    Job job;
    Work work;
  };

  void work_on();
  void finish(Job job, base::Result<std::string> outcome);
  base::Seconds now() const { return std::chrono::floor<std::chrono::seconds>(clock_.utc()); }

  StateStore& state_;
  const base::Clock& clock_;
  const JobQueueOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::unordered_map<std::string, Job> unfinished_;
  base::Random random_;
  bool stopping_ = false;
  bool idle_ = true;
  std::thread worker_;
};

}  // namespace costagent
