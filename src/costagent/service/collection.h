// Collects bills in the background: files of one configured folder.
#pragma once

#include <functional>
#include <string>

#include "costagent/domain/fact_store.h"
#include "costagent/service/jobs.h"

namespace costagent {

class Collection {
 public:
  static constexpr const char* kKind = "collect";  // of its jobs

  // `root` is the folder whose files may be collected; empty: none. Store and queue must outlive it.
  Collection(FactStore& facts, JobQueue& jobs, std::string root) : facts_(facts), jobs_(jobs), root_(std::move(root)) {}

  // Queues the taking in of a FOCUS file, named by its path within the root; while it is queued or runs, the same job
  // is returned again. Thread-safe. Fails with `invalid` (file) on a path that is absolute, holds `..` or leads out of
  // the root through a symbolic link, or names no regular file; with `not_found` (file) where there is none; with
  // `unavailable` without a root, and as JobQueue::push does. Whoever may put symbolic links into the root while a job
  // runs can lead it elsewhere: the folder is the operator's.
  base::Result<Job> collect_focus(const std::string& customer, const std::string& file);

  // The handler of such a job. A file that is taken in again counts nothing. Thread-safe.
  base::Result<std::string> run(const Job& job, JobContext& context) const;

  // Told, from a thread that runs jobs, of each customer whose facts a job has changed. Set it before the first job.
  void when_changed(std::function<void(const std::string& customer)> told) { changed_ = std::move(told); }

 private:
  base::Result<std::string> resolve(const std::string& file) const;

  FactStore& facts_;
  JobQueue& jobs_;
  const std::string root_;
  std::function<void(const std::string&)> changed_;
};

}  // namespace costagent
