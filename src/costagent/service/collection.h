// Collects bills in the background: files of one configured folder, and what clients send.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "costagent/domain/fact_store.h"
#include "costagent/service/jobs.h"
#include "costagent/service/spool.h"

namespace costagent {

// Where files to collect may be.
struct CollectionPlaces {
  std::string root{};            // whose files may be collected by name; empty: none
  const Spool* spool = nullptr;  // for what is sent; none: nothing may be. Must outlive the collection
};

class Collection {
 public:
  static constexpr const char* kKind = "collect";  // of its jobs

  // A bill that is being sent. Used by one thread at a time; the collection must outlive it.
  class Upload {
   public:
    // Fails as SpooledFile::write does.
    base::Result<> write(std::string_view part) { return file_->write(part); }

    // Queues the taking in, once all is there.
    base::Result<Job> collect();

   private:
    friend class Collection;
    Upload(JobQueue& jobs, std::string customer, Restatement restatement, std::string name,
           std::unique_ptr<SpooledFile> file)
        : jobs_(jobs),
          customer_(std::move(customer)),
          restatement_(restatement),
          name_(std::move(name)),
          file_(std::move(file)) {}

    JobQueue& jobs_;
    const std::string customer_;
    const Restatement restatement_;
    const std::string name_;
    const std::unique_ptr<SpooledFile> file_;
  };

  // Store and queue must outlive it.
  Collection(FactStore& facts, JobQueue& jobs, CollectionPlaces places)
      : facts_(facts), jobs_(jobs), places_(std::move(places)) {}

  // Queues the taking in of a bill, named by its path within the root; while it is queued or runs for the same
  // restatement, the same job is returned again. Thread-safe. Fails with `invalid` (file) on a path that is absolute,
  // holds `..` or leads out of the root through a symbolic link, or names no regular file; with `not_found` (file)
  // where there is none; with `unavailable` without a root, and as JobQueue::push does. Whoever may put symbolic links
  // into the root while a job runs can lead it elsewhere: the folder is the operator's.
  base::Result<Job> collect_focus(const std::string& customer, const std::string& file,
                                  Restatement restatement = Restatement::by_days);

  // The beginning of a bill that is sent; doesn't block. `name`: as it is called in reports. `expected`: its bytes, 0
  // if that isn't known. Fails with `invalid` (customer_id, name), and `unavailable` without a spool. Thread-safe.
  base::Result<std::unique_ptr<Upload>> begin_upload(const std::string& customer, const std::string& name,
                                                     Restatement restatement, std::uint64_t expected);

  // Whether a job may be queued again, of whatever kind it is. Fails with `conflict` when what was sent for it went
  // with its end, and as JobQueue::find does.
  base::Result<> check_retry(const std::string& id) const;

  // The handler of such jobs. A file that is taken in again counts nothing. Thread-safe.
  base::Result<std::string> run(const Job& job, JobContext& context) const;

  // To be told of their ends: what was sent is kept no longer.
  void ended(const Job& job) const;

  // Removes what was sent for jobs that have ended, or was never sent to its end. Fails as JobQueue::find does.
  base::Result<> sweep() const;

  // Told, from a thread that runs jobs, of each customer whose facts a job has changed. Set it before the first job.
  void when_changed(std::function<void(const std::string& customer)> told) { changed_ = std::move(told); }

 private:
  struct Wanted;

  static base::Result<Wanted> wanted_of(const Job& job);
  base::Result<std::string> path_of(const Job& job, const Wanted& wanted) const;
  base::Result<std::string> resolve(const std::string& file) const;

  FactStore& facts_;
  JobQueue& jobs_;
  const CollectionPlaces places_;
  std::function<void(const std::string&)> changed_;
};

}  // namespace costagent
