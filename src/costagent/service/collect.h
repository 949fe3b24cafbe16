// Collection as jobs: files of one folder are taken in, in the background, one after the other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/state_store.h"

namespace costagent {

// Thread-safe. Its destructor finishes the job at hand; those still queued are failed at the next start.
class CollectService {
 public:
  // Jobs that may wait. A file takes milliseconds to seconds, so that a thousand of them are minutes.
  static constexpr std::size_t kMaxQueued = 1000;

  // `root` is the folder that files are taken from; empty: none, and every submission is refused. Jobs that an earlier
  // agent left unfinished are marked as failed.
  CollectService(FactStore& facts, StateStore& state, const base::Clock& clock, std::filesystem::path root);
  ~CollectService();
  CollectService(const CollectService&) = delete;
  CollectService& operator=(const CollectService&) = delete;

  // Queues a file, named by its path below the root. Fails with `invalid` (field `file`) when the name leads out of the
  // root, `not_found` when there is no such file, and `unavailable` when the queue is full.
  base::Result<Job> submit(const std::string& customer, const std::string& file);

  // The job as it is, once it is over or the time is. Fails with `not_found`.
  base::Result<Job> wait(const std::string& id, std::chrono::seconds at_most);

 private:
  struct Queued {
    Job job;
    std::filesystem::path path;
  };

  base::Result<std::filesystem::path> resolve(const std::string& file) const;
  void work();
  void carry_out(Queued& queued);
  bool is_pending(const std::string& id) const;

  FactStore& facts_;
  StateStore& state_;
  const base::Clock& clock_;
  std::filesystem::path root_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable finished_;
  std::deque<Queued> queue_;
  std::string running_;  // id of the job at hand
  bool stopping_ = false;
  base::Random ids_;
  std::thread thread_;
};

}  // namespace costagent
