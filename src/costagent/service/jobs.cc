#include "costagent/service/jobs.h"

#include <algorithm>
#include <cassert>
#include <exception>

#include "base/deadline.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/priority.h"
#include "base/scarce_memory.h"

namespace costagent {
namespace {

using std::chrono::milliseconds;

// A handler that looks whether it is wanted does so more often.
constexpr milliseconds kToGiveUp{1'000};

// A database that is away when a job ends is asked again, until the lease is over anyway.
constexpr milliseconds kSettleAgain{500};

bool may_pass(base::ErrorKind kind) {
  using enum base::ErrorKind;
  return kind == unavailable || kind == timeout || kind == io || kind == conflict || kind == internal;
}

AttemptOutcome outcome_of(std::optional<JobState> state) {
  if (!state) return AttemptOutcome::lost;
  switch (*state) {
    case JobState::done:
      return AttemptOutcome::done;
    case JobState::failed:
      return AttemptOutcome::failed;
    case JobState::cancelled:
      return AttemptOutcome::cancelled;
    default:
      return AttemptOutcome::retried;
  }
}

}  // namespace

void JobContext::progress(double share, std::string note) {
  const std::lock_guard lock(mutex_);
  progress_ = {share, std::move(note)};
}

void JobContext::give_up(Reason reason) {
  auto none = Reason::none;
  reason_.compare_exchange_strong(none, reason);
}

JobRunner::JobRunner(JobQueue& queue, const base::Clock& clock, JobRunnerOptions options)
    : queue_(queue), clock_(clock), options_(std::move(options)) {
  seeker_.worker = options_.worker;
  seeker_.visibility = options_.visibility;
}

JobRunner::~JobRunner() {
  stop(milliseconds(0));
  workers_.clear();
}

void JobRunner::register_kind(std::string kind, JobHandler handler, JobEnded ended) {
  assert(workers_.empty());
  seeker_.kinds.push_back(kind);
  kinds_.emplace(std::move(kind), Kind{std::move(handler), std::move(ended)});
}

void JobRunner::start() {
  look();
  keeper_ = std::jthread([this](const std::stop_token& stop) { base::carry_on([&] { keep(stop); }); });
  for (unsigned i = 0; i < options_.threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) {
      base::give_way();
      base::carry_on([&] { work(stop); });
    });
  }
}

bool JobRunner::stop(milliseconds bound) {
  stopping_ = true;
  for (std::jthread& worker : workers_) worker.request_stop();
  std::unique_lock lock(mutex_);
  const auto idle = [this] { return running_.empty(); };
  if (changed_.wait_for(lock, bound, idle)) return true;
  for (const auto& attempt : running_) attempt->context.give_up(JobContext::Reason::stopping);
  if (changed_.wait_for(lock, kToGiveUp, idle)) return true;
  const auto left = running_;
  lock.unlock();
  for (const auto& attempt : left) {
    const auto given = queue_.give_back(attempt->job);
    if (given) continue;
    base::log(base::LogLevel::warn, "job {} could not be given back, and is run again once its lease is over: {}",
              attempt->job.id, given.error().message);
  }
  return false;
}

void JobRunner::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto job = queue_.claim(seeker_);
    tell_whether_away(!job.has_value());
    if (job && *job) {
      run(std::move(**job));
    } else {
      queue_.wait(stop);
    }
  }
}

void JobRunner::tell_whether_away(bool away) {
  if (away_.exchange(away) == away) return;
  base::log(away ? base::LogLevel::warn : base::LogLevel::info, "the queue of jobs {}",
            away ? "can't be read; it is asked again and again" : "can be read again");
}

class JobRunner::Running {
 public:
  Running(JobRunner& runner, const std::shared_ptr<Attempt>& attempt) : runner_(runner), attempt_(attempt) {}
  ~Running() {
    const std::lock_guard lock(runner_.mutex_);
    std::erase(runner_.running_, attempt_);
    runner_.changed_.notify_all();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  JobRunner& runner_;
  const std::shared_ptr<Attempt>& attempt_;
};

void JobRunner::run(Job job) {
  const auto attempt =
      std::make_shared<Attempt>(std::move(job), clock_.monotonic() + base::Nanoseconds(options_.longest));
  {
    const std::lock_guard lock(mutex_);
    running_.push_back(attempt);
  }
  // Its lease is kept no longer than it runs, be it that it ends for want of memory.
  const Running running(*this, attempt);
  // Claimed while a stop was asked for: then nobody has told it yet.
  if (stopping_) attempt->context.give_up(JobContext::Reason::stopping);
  settle(*attempt, handle(*attempt));
}

base::Result<std::string> JobRunner::handle(Attempt& attempt) const {
  if (attempt.context.cancelled()) return base::fail(base::ErrorKind::cancelled, "the agent stops");
  const auto kind = kinds_.find(attempt.job.kind);
  assert(kind != kinds_.end());
  // What waits or asks on its behalf is cut short, too.
  const base::DeadlineScope in_time(attempt.context.deadline());
  // Handlers throw nothing of their own; what a library or a lack of memory may throw ends here.
  try {
    return kind->second.handler(attempt.job, attempt.context);
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorKind::internal, "{}", exception.what());
  }
}

void JobRunner::settle(const Attempt& attempt, const base::Result<std::string>& outcome) {
  const auto tries = std::max<std::int64_t>(1, options_.visibility / kSettleAgain);
  for (std::int64_t i = 0; i < tries; ++i) {
    const auto settled = settle_once(attempt, outcome);
    if (settled) tell_ended(attempt.job, *settled, outcome);
    std::unique_lock lock(mutex_);
    if (settled) {
      ++use_.attempts[static_cast<std::size_t>(*settled)];
      return;
    }
    base::log(base::LogLevel::warn, "job {}: its end could not be written: {}", attempt.job.id,
              settled.error().message);
    if (!may_pass(settled.error().kind)) return;
    changed_.wait_for(lock, kSettleAgain, [] { return false; });
  }
}

void JobRunner::tell_ended(const Job& job, AttemptOutcome outcome, const base::Result<std::string>& result) const {
  using enum AttemptOutcome;
  if (outcome == failed) {
    base::log(base::LogLevel::warn, "job {} ({} of {}) failed after {} of {} attempts: {}", job.id, job.kind,
              job.customer, job.attempts, job.max_attempts, result ? "" : base::printable(result.error().message));
  }
  if (outcome != done && outcome != failed && outcome != cancelled) return;
  for (const JobEnded* told : {&kinds_.find(job.kind)->second.ended, &told_}) {
    if (*told) (*told)(job);
  }
}

base::Result<AttemptOutcome> JobRunner::settle_once(const Attempt& attempt, const base::Result<std::string>& outcome) {
  using Reason = JobContext::Reason;
  const Reason reason = attempt.context.reason_;
  base::Result<std::optional<JobState>> state;
  if (outcome) {
    state = queue_.finish(attempt.job, *outcome);
  } else if (reason == Reason::stopping) {
    state = queue_.give_back(attempt.job);
    if (state && *state == JobState::queued) return AttemptOutcome::given_back;
  } else if (reason == Reason::late) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.longest).count();
    state = queue_.fail(attempt.job, fmt::format("it took longer than {} s", seconds), true);
  } else {
    state = queue_.fail(attempt.job, outcome.error().message, may_pass(outcome.error().kind));
  }
  if (!state) return base::pass_on(state);
  return outcome_of(*state);
}

void JobRunner::keep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, options_.heartbeat, [] { return false; });
    const auto running = running_;
    lock.unlock();
    for (const auto& attempt : running) keep_lease(*attempt);
    look();
    lock.lock();
  }
}

void JobRunner::keep_lease(Attempt& attempt) {
  using Reason = JobContext::Reason;
  if (clock_.monotonic() >= attempt.context.deadline()) return attempt.context.give_up(Reason::late);
  JobProgress progress;
  {
    const std::lock_guard lock(attempt.context.mutex_);
    progress = attempt.context.progress_;
  }
  // A store that is away may be back before the lease is over.
  const auto lease = queue_.extend(lease_of(attempt.job), options_.visibility, progress);
  if (!lease || *lease == LeaseState::held) return;
  attempt.context.give_up(*lease == LeaseState::cancelled ? Reason::cancelled : Reason::lost);
}

void JobRunner::look() {
  const auto counts = queue_.counts();
  if (!counts) return;
  const bool waiting = counts->queued > 0 && counts->oldest != JobTime();
  const auto age = waiting ? clock_.utc() - counts->oldest : base::Nanoseconds(0);
  const std::lock_guard lock(mutex_);
  use_.queued = counts->queued;
  use_.running = counts->running;
  use_.failed = counts->failed;
  use_.oldest = std::max(base::Nanoseconds(0), base::Nanoseconds(age));
}

JobUse JobRunner::use() const {
  const std::lock_guard lock(mutex_);
  return use_;
}

}  // namespace costagent
