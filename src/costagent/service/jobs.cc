#include "costagent/service/jobs.h"

#include "base/log.h"

namespace costagent {

JobQueue::JobQueue(StateStore& state, const base::Clock& clock, JobQueueOptions options)
    : state_(state), clock_(clock), options_(options), random_(options.seed) {}

JobQueue::~JobQueue() {
  stop(std::chrono::milliseconds(0));
  if (worker_.joinable()) worker_.join();
}

base::Result<> JobQueue::start() {
  if (options_.alone) {
    if (auto failed = state_.fail_unfinished_jobs(kCutShort, now()); !failed) return failed;
  }
  worker_ = std::thread([this] { work_on(); });
  return {};
}

base::Result<Job> JobQueue::submit(const std::string& kind, const std::string& customer, Work work) {
  Job job;
  job.kind = kind;
  job.customer = customer;
  job.created = now();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return base::fail(base::ErrorKind::unavailable, "the agent is stopping and takes no more jobs");
    if (unfinished_.size() >= options_.capacity) {
      return base::fail(base::ErrorKind::unavailable, "{} jobs are waiting already: try again later",
                        unfinished_.size());
    }
    job.id = fmt::format("{:016x}", random_.next());
    // Takes its place in the bound before it is written, and is found from now on.
    unfinished_.emplace(job.id, job);
  }
  // Written before it can run, so that its end is written after its beginning.
  const auto saved = state_.save(job);
  const std::lock_guard lock(mutex_);
  if (!saved || stopping_) {
    unfinished_.erase(job.id);
    if (!saved) return base::pass_on(saved);
    return base::fail(base::ErrorKind::unavailable, "the agent is stopping and takes no more jobs");
  }
  waiting_.push_back({job, std::move(work)});
  changed_.notify_all();
  return job;
}

base::Result<Job> JobQueue::find(const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = unfinished_.find(id); found != unfinished_.end()) return found->second;
  }
  auto found = state_.job(id);
  if (!found) return base::pass_on(found);
  if (!*found) return base::fail(base::ErrorKind::not_found, "there is no job '{}'", id);
  return std::move(**found);
}

bool JobQueue::stop(std::chrono::milliseconds bound) {
  std::deque<Waiting> left;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  left.swap(waiting_);
  changed_.notify_all();
  lock.unlock();
  for (Waiting& job : left) {
    finish(std::move(job.job), base::fail(base::ErrorKind::cancelled, "the agent was stopped before the job began"));
  }
  lock.lock();
  return changed_.wait_for(lock, bound, [this] { return idle_; });
}

void JobQueue::work_on() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    next.job.state = JobState::running;
    unfinished_[next.job.id] = next.job;
    idle_ = false;
    lock.unlock();
    auto outcome = next.work();
    finish(std::move(next.job), std::move(outcome));
    lock.lock();
    idle_ = true;
    changed_.notify_all();
  }
}

void JobQueue::finish(Job job, base::Result<std::string> outcome) {
  job.finished = now();
  job.state = outcome ? JobState::done : JobState::failed;
  if (outcome) {
    job.result = std::move(*outcome);
  } else {
    job.error = outcome.error().message;
  }
  // A full disk may keep its end from being written; the job is then failed when the agent starts again.
  if (const auto saved = state_.save(job); !saved) {
    base::log(base::LogLevel::error, "job {}: its end could not be written: {}", job.id, saved.error().message);
  }
  const std::lock_guard lock(mutex_);
  unfinished_.erase(job.id);
}

}  // namespace costagent
