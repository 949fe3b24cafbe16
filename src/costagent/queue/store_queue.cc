#include "costagent/queue/store_queue.h"

#include <algorithm>
#include <limits>

namespace costagent {
namespace {

using std::chrono::milliseconds;

// Jobs that other processes push are found within a second. By chance, so that processes don't ask in step.
constexpr milliseconds kShortestLook{200};
constexpr milliseconds kLongestLook{1'000};

// What becomes due meanwhile is waited for to the millisecond, but not asked for more often than this.
constexpr milliseconds kLeastWait{10};

// More hints than workers wait are of no use: whoever has finished a job asks again without one.
constexpr std::size_t kMostHints = 64;

constexpr int kPauseGrowth = 4;

// Of one call, so that the store's writer is not held for long.
constexpr std::size_t kForgottenAtOnce = 500;

constexpr JobTime::rep kNever = std::numeric_limits<JobTime::rep>::max();

// Not within a character of UTF-8.
std::string cut(std::string text) {
  if (text.size() <= StoreQueue::kMaxError) return text;
  std::size_t end = StoreQueue::kMaxError;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

base::Failure no_such_job(const std::string& id) {
  return base::fail(base::ErrorKind::not_found, "there is no job '{}'", id);
}

}  // namespace

StoreQueue::StoreQueue(JobStore& store, const base::Clock& clock, StoreQueueOptions options)
    : store_(store), clock_(clock), options_(options), random_(options.seed), next_due_(kNever) {}

std::string StoreQueue::new_id() {
  const std::lock_guard lock(random_mutex_);
  return fmt::format("{:016x}", random_.next());
}

base::Result<Job> StoreQueue::push(const NewJob& wanted) {
  if (wanted.payload.size() > kMaxPayload) {
    return base::fail(base::ErrorKind::too_large, "a job of {} bytes is more than the {} that it may have",
                      wanted.payload.size(), kMaxPayload);
  }
  Job job;
  job.id = wanted.id.empty() ? new_id() : wanted.id;
  job.kind = wanted.kind;
  job.customer = wanted.customer;
  job.payload = wanted.payload;
  job.key = wanted.key;
  job.priority = wanted.priority;
  job.max_attempts = options_.max_attempts;
  job.created = now();
  job.due = job.created;
  auto pushed = store_.push(job, options_.limits);
  if (!pushed) return base::pass_on(pushed);
  if (pushed->added) announce(pushed->job.id);
  return std::move(pushed->job);
}

base::Result<std::optional<Job>> StoreQueue::claim(const JobSeeker& seeker) {
  const JobTime::rep expected = next_due_;
  // Claiming writes, so that the store is asked first, unless there should be one.
  const bool should_be = expected <= now().time_since_epoch().count();
  auto claimed = should_be ? claim_now(seeker) : std::optional<Job>();
  if (claimed && *claimed) return claimed;
  const auto due = claimed ? store_.next_due(seeker.kinds) : base::pass_on(claimed);
  // Whoever was told of a new one meanwhile is likely to know better; and a hint ends the wait anyway.
  auto unchanged = expected;
  next_due_.compare_exchange_strong(unchanged, due && *due ? (*due)->time_since_epoch().count() : kNever);
  if (!due) return base::pass_on(due);
  if (!*due || **due > now()) return std::nullopt;
  return claim_now(seeker);
}

base::Result<std::optional<Job>> StoreQueue::claim_now(const JobSeeker& seeker) {
  return store_.claim({seeker.worker, seeker.kinds, now(), now() + seeker.visibility, forget_at()});
}

void StoreQueue::wait(const std::stop_token& stop) { wait_for_hint(stop, next_look()); }

milliseconds StoreQueue::next_look() { return between(kShortestLook, kLongestLook); }

bool StoreQueue::wait_for_hint(const std::stop_token& stop, milliseconds longest) {
  if (const auto due = next_due_.load(); due != kNever) {
    const auto until_due = std::chrono::ceil<milliseconds>(JobTime(JobTime::duration(due)) - now());
    longest = std::clamp(until_due, kLeastWait, longest);
  }
  std::unique_lock lock(hints_mutex_);
  if (!hinted_.wait_for(lock, stop, longest, [this] { return hints_ > 0; })) return false;
  --hints_;
  return true;
}

void StoreQueue::hint() {
  {
    const std::lock_guard lock(hints_mutex_);
    hints_ = std::min(hints_ + 1, kMostHints);
  }
  next_due_ = 0;
  hinted_.notify_one();
}

milliseconds StoreQueue::between(milliseconds low, milliseconds high) {
  const std::lock_guard lock(random_mutex_);
  return low + milliseconds(random_.below(static_cast<std::uint64_t>((high - low).count()) + 1));
}

base::Result<LeaseState> StoreQueue::extend(const JobLease& lease, milliseconds visibility,
                                            const JobProgress& progress) {
  return store_.extend(lease, now() + visibility, {std::clamp(progress.share, 0.0, 1.0), progress.note});
}

base::Result<std::optional<JobState>> StoreQueue::finish(const Job& claimed, const std::string& result) {
  JobEnd end{JobState::done, now()};
  end.forget = forget_at();
  end.result = result;
  return store_.settle(lease_of(claimed), end);
}

base::Result<std::optional<JobState>> StoreQueue::fail(const Job& claimed, const std::string& error, bool retryable) {
  const bool again = retryable && claimed.attempts < claimed.max_attempts;
  JobEnd end{again ? JobState::queued : JobState::failed, now()};
  end.due = end.now + pause_after(claimed.attempts);
  end.forget = forget_at();
  end.error = cut(error);
  return store_.settle(lease_of(claimed), end);
}

base::Result<std::optional<JobState>> StoreQueue::give_back(const Job& claimed) {
  JobEnd end{JobState::queued, now()};
  end.due = end.now;
  end.forget = forget_at();
  end.counts = false;
  end.error = claimed.error;
  const auto state = store_.settle(lease_of(claimed), end);
  if (state && *state == JobState::queued) announce(claimed.id);
  return state;
}

milliseconds StoreQueue::pause_after(int attempt) {
  milliseconds pause = std::min(options_.first_pause, options_.longest_pause);
  for (int i = 1; i < attempt && pause < options_.longest_pause; ++i) {
    pause = std::min(pause * kPauseGrowth, options_.longest_pause);
  }
  return between(pause / 2, pause);
}

base::Result<Job> StoreQueue::cancel(const std::string& id) {
  auto job = store_.cancel(id, now(), forget_at());
  if (!job) return base::pass_on(job);
  if (!*job) return no_such_job(id);
  if ((*job)->state == JobState::done || (*job)->state == JobState::failed) {
    return base::fail(base::ErrorKind::conflict, "the job has ended: there is nothing to cancel");
  }
  return std::move(**job);
}

base::Result<Job> StoreQueue::retry(const std::string& id) {
  auto job = store_.retry(id, now(), options_.limits);
  if (!job) return base::pass_on(job);
  if (!*job) return no_such_job(id);
  if ((*job)->state == JobState::done) {
    return base::fail(base::ErrorKind::conflict, "the job is done: there is nothing to try again");
  }
  announce(id);
  return std::move(**job);
}

base::Result<Job> StoreQueue::find(const std::string& id) {
  auto job = store_.find(id);
  if (!job) return base::pass_on(job);
  if (!*job) return no_such_job(id);
  return std::move(**job);
}

base::Result<std::vector<Job>> StoreQueue::list(const JobQuery& query) { return store_.list(query); }

base::Result<JobCounts> StoreQueue::counts() { return store_.counts(); }

base::Result<> StoreQueue::tidy() {
  const auto forgotten = store_.forget(now(), kForgottenAtOnce);
  if (!forgotten) return base::pass_on(forgotten);
  return {};
}

}  // namespace costagent
