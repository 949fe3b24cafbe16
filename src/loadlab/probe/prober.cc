#include "loadlab/probe/prober.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "loadlab/probe/series_builder.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// Longer than this the last regular reading is not left to stand for the end.
constexpr Nanoseconds kLastReadingAfter = std::chrono::milliseconds(20);

}  // namespace

// What the thread and its owner both hold; the one that goes last frees it.
struct Prober::Shared {
  Shared(std::unique_ptr<Probe> watched, Nanoseconds between)
      : probe(std::move(watched)),
        interval(between),
        builder(std::string(probe->kind()), probe->label(), between, probe->wanted()) {}

  const std::unique_ptr<Probe> probe;  // the thread's own until it has ended
  const Nanoseconds interval;

  mutable std::mutex mutex;  // over all that follows
  mutable std::condition_variable changed;
  SeriesBuilder builder;
  bool first_done = false;
  bool stopping = false;
  bool ended = false;
  bool abandoned = false;
  Nanoseconds last_tick{0};
  Nanoseconds cost{0};
  std::string complaint;
  std::vector<ProbeTable> tables;

  void run();
  void read_once(Nanoseconds due, bool closing = false);
  void miss_until(Nanoseconds from, Nanoseconds to, const std::string& reason);
};

void Prober::Shared::miss_until(Nanoseconds from, Nanoseconds to, const std::string& reason) {
  for (Nanoseconds at = from; at < to; at += interval) builder.miss(at, reason);
}

void Prober::Shared::read_once(Nanoseconds due, bool closing) {
  Reading reading(probe->kind());
  const Nanoseconds cpu_before = base::SystemClock::thread_cpu_now();
  const auto read = probe->read(reading);
  const Nanoseconds spent = base::SystemClock::thread_cpu_now() - cpu_before;
  const Nanoseconds now = base::SystemClock::monotonic_now();
  const std::lock_guard lock(mutex);
  if (abandoned) return;
  cost += spent;
  complaint = read ? "" : read.error().message;
  if (read) {
    // Where it took longer than an interval, what it would have said meanwhile is missing.
    miss_until(due + interval, now - interval / 2,
               fmt::format("it took {:.1f} s to answer", std::chrono::duration<double>(now - due).count()));
    builder.add(now, std::move(reading), closing);
  } else {
    miss_until(due + interval, now - interval / 2, complaint);
    builder.miss(now, complaint);
  }
  last_tick = now;
  first_done = true;
  changed.notify_all();
}

void Prober::Shared::run() {
  // For those who look at threads, as benchmarks/probes/cost does.
  ::pthread_setname_np(::pthread_self(), "probe");
  // Of this thread alone (setpriority(2), NOTES). A request that is due goes first, so that no send is late for a
  // reading; a tenth of a core's weight is still more than probes need on a full machine.
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  Nanoseconds due = base::SystemClock::monotonic_now();
  read_once(due);
  std::unique_lock lock(mutex);
  while (!stopping) {
    const Nanoseconds now = base::SystemClock::monotonic_now();
    due += ((now - due) / interval + 1) * interval;
    if (changed.wait_for(lock, due - now, [this] { return stopping; })) break;
    lock.unlock();
    read_once(due);
    lock.lock();
  }
  const Nanoseconds now = base::SystemClock::monotonic_now();
  const bool fresh = now - last_tick < kLastReadingAfter;
  lock.unlock();
  if (!fresh) read_once(now, true);
  auto found = probe->tables();
  lock.lock();
  tables = std::move(found);
  ended = true;
  changed.notify_all();
}

Prober::Prober(std::unique_ptr<Probe> probe, Nanoseconds interval)
    : shared_(std::make_shared<Shared>(std::move(probe), interval)) {}

Prober::~Prober() {
  if (shared_) stop();
}

void Prober::start() {
  // Detached, as nobody can join what hangs in the kernel; `await_end` waits for the others.
  std::thread([shared = shared_] { shared->run(); }).detach();
}

void Prober::await_first(Nanoseconds until) const {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, until - base::SystemClock::monotonic_now(), [this] { return shared_->first_done; });
}

void Prober::begin_test(Nanoseconds start, Nanoseconds warm_up) {
  const std::lock_guard lock(shared_->mutex);
  shared_->builder.begin_test(start, warm_up);
}

void Prober::stop() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
}

void Prober::await_end(Nanoseconds until) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  if (shared.changed.wait_for(lock, until - base::SystemClock::monotonic_now(), [&] { return shared.ended; })) return;
  shared.abandoned = true;
  const Nanoseconds now = base::SystemClock::monotonic_now();
  const Nanoseconds from = shared.first_done ? shared.last_tick + shared.interval : now;
  shared.complaint = "it hangs: no answer until the end";
  shared.miss_until(from, now, shared.complaint);
  shared.builder.miss(now, shared.complaint);
}

double Prober::latest(std::string_view metric) const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->builder.latest(metric);
}

std::vector<ProbeSeries> Prober::summaries() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->builder.series(SeriesBuilder::Detail::summaries);
}

std::vector<ProbeSeries> Prober::series() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->builder.series(SeriesBuilder::Detail::samples);
}

std::vector<ProbeTable> Prober::tables() {
  const std::lock_guard lock(shared_->mutex);
  return shared_->abandoned ? std::vector<ProbeTable>() : shared_->tables;
}

std::string Prober::complaint() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->complaint;
}

Nanoseconds Prober::cost() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->cost;
}

}  // namespace loadlab
