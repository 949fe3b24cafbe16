// The job queue over a store, which any number of processes may share.
//
// Within a process a push wakes a worker at once; what other processes push, and what becomes due, is found by looking:
// an idle worker asks the store once or twice a second, without a lock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "base/random.h"
#include "costagent/domain/job_queue.h"
#include "costagent/domain/job_store.h"

namespace costagent {

struct StoreQueueOptions {
  // Some thousands are hours of work; a customer may have a quarter of them, which is a restated year of many accounts.
  JobLimits limits{4096, 1024};
  // The pause after a failed attempt is `first_pause`, then four times as long each time, less up to a half by chance,
  // so that what failed together isn't tried together: five attempts last for some minutes, which a database takes to
  // come back.
  int max_attempts = 5;
  std::chrono::milliseconds first_pause{5'000};
  std::chrono::milliseconds longest_pause{600'000};
  // For how long what became of a job can be asked.
  std::chrono::hours keep{30 * 24};
  std::uint64_t seed = 1;  // of ids and chance; ids are unguessable only if it is
};

// Store and clock must outlive it.
class StoreQueue : public JobQueue {
 public:
  // What a job is given to work on: a request's body is no longer.
  static constexpr std::size_t kMaxPayload = 64 * 1024;
  // Longer errors are cut; a person reads them.
  static constexpr std::size_t kMaxError = 2000;

  StoreQueue(JobStore& store, const base::Clock& clock, StoreQueueOptions options);

  std::string new_id() override;
  base::Result<Job> push(const NewJob& job) override;
  base::Result<std::optional<Job>> claim(const JobSeeker& seeker) override;
  void wait(const std::stop_token& stop) override;
  base::Result<LeaseState> extend(const JobLease& lease, std::chrono::milliseconds visibility,
                                  const JobProgress& progress) override;
  base::Result<std::optional<JobState>> finish(const Job& claimed, const std::string& result) override;
  base::Result<std::optional<JobState>> fail(const Job& claimed, const std::string& error, bool retryable) override;
  base::Result<std::optional<JobState>> give_back(const Job& claimed) override;
  base::Result<Job> cancel(const std::string& id) override;
  base::Result<Job> retry(const std::string& id) override;
  base::Result<Job> find(const std::string& id) override;
  base::Result<std::vector<Job>> list(const JobQuery& query) override;
  base::Result<JobCounts> counts() override;
  base::Result<> tidy() override;

 protected:
  // Called after a job has become claimable, to wake a worker of some process. Must not block for long.
  virtual void announce(const std::string& /*job*/) { hint(); }

  // Ends the wait of one worker of this process, now or when it next begins.
  void hint();

  // Waits for a hint, at most as long as given and until the next job is known to be due. False: there was none.
  bool wait_for_hint(const std::stop_token& stop, std::chrono::milliseconds longest);

  // How long to wait before asking the store again where nobody would say that it has changed.
  std::chrono::milliseconds next_look();

  std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high);

 private:
  base::Result<std::optional<Job>> claim_now(const JobSeeker& seeker);
  JobTime now() const { return job_time(clock_.utc()); }
  JobTime forget_at() const { return now() + options_.keep; }
  std::chrono::milliseconds pause_after(int attempt);

  JobStore& store_;
  const base::Clock& clock_;
  const StoreQueueOptions options_;

  std::mutex random_mutex_;
  base::Random random_;

  // When the next job is expected to be claimable; far off: none is known of.
  std::atomic<JobTime::rep> next_due_;

  std::mutex hints_mutex_;
  std::condition_variable_any hinted_;
  std::size_t hints_ = 0;
};

}  // namespace costagent
