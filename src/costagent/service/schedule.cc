#include "costagent/service/schedule.h"

#include <algorithm>
#include <cassert>

#include "base/log.h"
#include "base/scarce_memory.h"

namespace costagent {
namespace {

// The calendar's time may jump back, and then every due time seems far away: so it is looked at this often at least.
constexpr std::chrono::seconds kLookAgain{60};
// A store that is away is asked again as soon as a person would.
constexpr std::chrono::seconds kAskAgain{5};

std::string lease_name(const Task& task) { return "task " + task.name; }

}  // namespace

base::Result<> TaskRun::go_on() const {
  const std::lock_guard lock(mutex_);
  if (stopping_) return base::fail(base::ErrorKind::cancelled, "the agent is being stopped");
  // A process that was paused wakes up here, before it hears from the store.
  if (lost_ || clock_.utc() >= lease_.until) {
    return base::fail(base::ErrorKind::conflict, "the lease of {} was lost while it was worked on", lease_.name);
  }
  return {};
}

Lease TaskRun::lease() const {
  const std::lock_guard lock(mutex_);
  return lease_;
}

Schedule::Schedule(LeaseStore& leases, const base::Clock& clock, ScheduleOptions options)
    : leases_(leases), clock_(clock), options_(std::move(options)), random_(options_.seed) {}

Schedule::~Schedule() {
  stop(std::chrono::milliseconds(0));
  if (runner_.joinable()) runner_.join();
  if (keeper_.joinable()) keeper_.join();
}

void Schedule::add(Task task) {
  assert(!runner_.joinable());
  assert(
      std::none_of(tasks_.begin(), tasks_.end(), [&](const Planned& other) { return other.task.name == task.name; }));
  Planned planned;
  planned.counts.task = task.name;
  planned.task = std::move(task);
  tasks_.push_back(std::move(planned));
}

void Schedule::start() {
  if (tasks_.empty()) return;
  running_threads_ = true;
  runner_ = std::thread([this] { base::carry_on([this] { run_all(); }); });
  keeper_ = std::thread([this] { base::carry_on([this] { keep_lease(); }); });
}

void Schedule::run_all() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto wait = run_due() - clock_.utc();
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return stopping_; });
  }
  running_threads_ = false;
  changed_.notify_all();
}

void Schedule::keep_lease() {
  std::unique_lock lock(mutex_);
  while (running_threads_) {
    changed_.wait_for(lock, options_.lease / 3, [this] { return !running_threads_; });
    lock.unlock();
    extend();
    lock.lock();
  }
}

bool Schedule::stop(std::chrono::milliseconds bound) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  if (current_) {
    const std::lock_guard run(current_->mutex_);
    current_->stopping_ = true;
  }
  changed_.notify_all();
  return changed_.wait_for(lock, bound, [this] { return !running_threads_; });
}

std::vector<TaskCounts> Schedule::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskCounts> counts;
  for (const Planned& planned : tasks_) counts.push_back(planned.counts);
  return counts;
}

base::UtcTime Schedule::run_due() {
  auto next = clock_.utc() + kLookAgain;
  for (Planned& planned : tasks_) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    const auto now = clock_.utc();
    if (planned.look_at <= now || planned.look_at > now + kLookAgain) planned.look_at = look_at(planned, now);
    next = std::min(next, planned.look_at);
  }
  return next;
}

// Looks whether the task is due and free, and runs it if so; returns when to look again. Most looks only read.
base::UtcTime Schedule::look_at(Planned& planned, base::UtcTime now) {
  const std::string name = lease_name(planned.task);
  const auto known = leases_.task(planned.task.name);
  const auto held = known ? leases_.lease(name) : base::pass_on(known);
  if (!held) {
    log_failed(planned, held.error());
    return now + kAskAgain;
  }
  if (*known && (*known)->due > now) return (*known)->due;
  // Should its holder die, it is free at just that time.
  if (*held && (*held)->until > now) return (*held)->until;

  const auto lease = leases_.take(name, options_.holder, now, now + options_.lease);
  // Somebody may have run it since it was looked at, and given the lease back.
  const auto newest = lease ? leases_.task(planned.task.name) : base::pass_on(lease);
  if (!newest) {
    log_failed(planned, newest.error());
    return now + kAskAgain;
  }
  if (!*lease) return now + options_.lease;
  if (*newest && (*newest)->due > now) {
    static_cast<void>(leases_.give_back(**lease));
    return (*newest)->due;
  }
  TaskRecord record = newest->value_or(TaskRecord{});
  record.task = planned.task.name;
  return run(planned, **lease, std::move(record));
}

base::UtcTime Schedule::run(Planned& planned, const Lease& lease, TaskRecord record) {
  const auto began = clock_.monotonic();
  record.started = clock_.utc();
  record.holder = options_.holder;
  const auto begun = leases_.save(record, lease);
  if (!begun || !*begun) {
    if (!begun) log_failed(planned, begun.error());
    static_cast<void>(leases_.give_back(lease));
    return clock_.utc() + kAskAgain;
  }
  const auto current = std::make_shared<TaskRun>(clock_, lease);
  const auto outcome = work(planned, current);
  const bool put_off = !outcome && outcome.error().kind == base::ErrorKind::cancelled;
  base::Result<bool> counted = true;
  if (!put_off) {
    const double share = planned.task.jitter * random_.uniform();
    record.due =
        record.started + planned.task.interval +
        std::chrono::milliseconds(std::llround(1000.0 * share * static_cast<double>(planned.task.interval.count())));
    record.finished = clock_.utc();
    record.error = outcome ? "" : outcome.error().message;
    ++record.runs;
    if (!outcome) ++record.failures;
    counted = leases_.save(record, lease);
    if (!counted) log_failed(planned, counted.error());
    if (!outcome) log_failed(planned, outcome.error());
  }
  static_cast<void>(leases_.give_back(lease));

  const bool lost = !counted || !*counted;
  const std::lock_guard lock(mutex_);
  TaskCounts& counts = planned.counts;
  counts.busy += clock_.monotonic() - began;
  if (!put_off) ++(lost ? counts.lost : outcome ? counts.done : counts.failed);
  if (!put_off && !lost) counts.last_finished = record.finished;
  // What was put off or lost is looked at again, as it is due still or another's.
  return put_off || lost ? clock_.utc() + kAskAgain : record.due;
}

base::Result<> Schedule::work(Planned& planned, const std::shared_ptr<TaskRun>& run) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return base::fail(base::ErrorKind::cancelled, "the agent is being stopped");
    current_ = run;
    extend_until_ = clock_.utc() + planned.task.limit;
  }
  struct Ended {
    Schedule& schedule;
    ~Ended() {
      const std::lock_guard lock(schedule.mutex_);
      schedule.current_.reset();
    }
  } const ended{*this};
  try {
    return planned.task.work(*run);
  } catch (const std::exception& exception) {
    // What a library or a lack of memory may throw must not end the process, and then the next one.
    return base::fail(base::ErrorKind::internal, "{}", exception.what());
  }
}

void Schedule::extend() {
  std::shared_ptr<TaskRun> run;
  base::UtcTime limit;
  {
    const std::lock_guard lock(mutex_);
    run = current_;
    limit = extend_until_;
  }
  const auto now = clock_.utc();
  if (!run || now >= limit) return;  // then it runs out by itself
  const Lease lease = run->lease();
  const auto until = std::min(now + options_.lease, limit);
  const auto extended = leases_.extend(lease, until);
  const std::lock_guard lock(run->mutex_);
  if (extended && *extended) run->lease_.until = until;
  // A store that is away may come back within the lease; what it says is final.
  if (extended && !*extended) run->lost_ = true;
}

void Schedule::log_failed(const Planned& planned, const base::Error& error) const {
  base::log(base::LogLevel::warn, "scheduled task {}: {}", planned.task.name, error.message);
}

}  // namespace costagent
