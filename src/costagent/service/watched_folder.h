// A folder that is watched: what people and programs drop into it is taken in by itself. A folder directly in it is a
// customer's, by his id, and what lies in that, at any depth, are his bills.
//
// A scheduled task looks at the folder (folder_scan.h) and at what is remembered of it (domain/watch_store.h), writes
// down what is new, and reads no file. A file that was the same in two looks is still: somebody who copies a bill is
// not interrupted. What is still is taken in by a job, one for a customer at a time, so that it is seen among the
// others, goes on after its process was killed, is tried again after a pause when the database was away, can be
// cancelled, and may be run by any process. It takes in one bill (watched_bills.h) after the other, those first that
// were written first, as a later one may take the place of an earlier one. When other jobs wait it ends after a bill
// and leaves the rest to another one, behind theirs: a customer with a year of bills doesn't keep the others waiting.
//
// What was once delivered is known by path and contents: a file that is touched, copied back or still lies beside the
// one that replaced it is not delivered again. One whose contents change takes the place of what shares a day with its
// bill; a new bill does so where it covers all days that were there, and is refused where it covers some (Restatement).
// A file that is no bill, or is refused, is told once and left alone until it changes; so is what a cancelled job had
// not taken in, unless the job is run again. One that only an optional component can read is tried again once a process
// begins, which may have it. A file that goes leaves its charges.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/job_queue.h"
#include "costagent/domain/watch_store.h"
#include "costagent/service/jobs.h"
#include "costagent/service/schedule.h"

namespace costagent {

struct WatchOptions {
  std::string folder;  // agents on several machines must share it
  std::chrono::seconds interval{10};
};

// What this process has done, since its start.
struct WatchUse {
  std::uint64_t scans = 0;
  std::uint64_t seen = 0;    // files that were new, or had changed
  std::uint64_t taken = 0;   // files whose contents were delivered
  std::uint64_t failed = 0;  // files that were told to have failed
  base::UtcTime last_scan{};
};

// Stores, queue and clock must outlive it. Thread-safe, but for `when_changed`.
class WatchedFolder {
 public:
  static constexpr const char* kKind = "watch";  // of its jobs
  static constexpr const char* kTask = "watch_folder";

  WatchedFolder(WatchStore& watched, FactStore& facts, JobQueue& jobs, const base::Clock& clock, WatchOptions options)
      : watched_(watched),
        facts_(facts),
        jobs_(jobs),
        clock_(clock),
        options_(std::move(options)),
        began_(clock.utc()) {}

  // Fails, for those who look at the tasks, when the folder can't be read or has too many files.
  Task task();

  // The handler of the jobs.
  base::Result<std::string> run(const Job& job, JobContext& context);

  // To be told of their ends: what a job has left to another one is queued.
  void ended(const Job& job);

  // Told, from a thread that runs jobs, of each customer whose facts have changed. Set it before the first job.
  void when_changed(std::function<void(const std::string& customer)> told) { changed_ = std::move(told); }

  const WatchOptions& options() const { return options_; }
  WatchUse use() const;

  // How many files are in which state, of all processes.
  base::Result<std::map<WatchedState, std::size_t>> counts() { return watched_.counts(); }

 private:
  class Comparison;

  base::Result<> scan(const TaskRun& run);
  base::Result<> scan_customer(const std::string& customer, std::size_t& left);
  base::Result<bool> look_at_jobs(const std::vector<WatchedFile*>& pending, Comparison& comparison);
  base::Result<> queue(const std::string& customer, const std::vector<WatchedFile*>& pending, Comparison& comparison);
  base::Result<> hand_over(const Job& job);
  void tell_refused(const std::set<std::string>& refused);

  WatchStore& watched_;
  FactStore& facts_;
  JobQueue& jobs_;
  const base::Clock& clock_;
  const WatchOptions options_;
  const base::UtcTime began_;
  std::function<void(const std::string&)> changed_;

  mutable std::mutex mutex_;
  WatchUse use_;
  std::set<std::string> told_;      // what was refused, once each
  std::set<std::string> gave_way_;  // jobs of this process that have left something, until their end is told
};

}  // namespace costagent
