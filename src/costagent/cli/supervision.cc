#include "costagent/cli/supervision.h"

#include <algorithm>
#include <cassert>

namespace costagent {

Supervision::Supervision(const SupervisionOptions& options, const base::Clock& clock)
    : options_(options),
      clock_(clock),
      random_(options.seed),
      now_(clock.monotonic()),
      processes_(options.workers + 1),
      workers_(options.workers) {
  for (Worker& worker : workers_) worker.due = now_;
}

std::vector<Supervision::Order> Supervision::turn() {
  const auto passed = clock_.monotonic() - now_;
  now_ += passed;
  if (passed > kOverslept) {
    for (Process& process : processes_) {
      process.since += passed;
      process.heard += passed;
    }
  }
  std::vector<Order> orders;
  if (stopping_) {
    for (unsigned place = 0; place < places(); ++place) tell_to_stop(place, orders);
  } else {
    start_due(orders);
    go_on_rolling(orders);
  }
  kill_late(orders);
  return orders;
}

void Supervision::enter(unsigned place, Phase phase) {
  processes_[place].phase = phase;
  processes_[place].since = clock_.monotonic();
  processes_[place].heard = processes_[place].since;
}

// There is a free place: beside each worker's one process there is at most that of one replacement.
unsigned Supervision::start(unsigned worker, std::vector<Order>& orders) {
  const auto free = std::find_if(processes_.begin(), processes_.end(),
                                 [](const Process& process) { return process.phase == Phase::none; });
  assert(free != processes_.end());
  const auto place = static_cast<unsigned>(free - processes_.begin());
  *free = Process{};
  free->worker = worker;
  enter(place, Phase::starting);
  orders.push_back({What::start, place, worker});
  return place;
}

void Supervision::start_due(std::vector<Order>& orders) {
  for (unsigned number = 1; number <= workers_.size(); ++number) {
    Worker& worker = workers_[number - 1];
    if (!worker.place && !hopeless_ && worker.due <= now_) worker.place = start(number, orders);
  }
}

void Supervision::go_on_rolling(std::vector<Order>& orders) {
  if (replacing_) {
    // Until the last one has ended, so that no more than one is away at a time.
    const bool last_is_there = std::any_of(processes_.begin(), processes_.end(), [&](const Process& process) {
      return process.phase == Phase::stopping && process.worker == *replacing_;
    });
    Worker& worker = workers_[*replacing_ - 1];
    if (worker.next && phase(*worker.next) == Phase::serving) {
      const auto last = std::exchange(worker.place, std::exchange(worker.next, std::nullopt));
      worker.waits = 0;
      if (last) tell_to_stop(*last, orders);
    } else if (!worker.next && !last_is_there) {
      replacing_.reset();
    }
    return;
  }
  // Who is being restarted is waited for, so that the others are not fewer still.
  if (to_replace_.empty() || !serves_whole()) return;
  replacing_ = to_replace_.front();
  to_replace_.pop_front();
  workers_[*replacing_ - 1].next = start(*replacing_, orders);
}

void Supervision::tell_to_stop(unsigned place, std::vector<Order>& orders) {
  Process& process = processes_[place];
  if (process.phase == Phase::none || process.told) return;
  if (process.phase != Phase::stopping) enter(place, Phase::stopping);
  process.told = true;
  orders.push_back({What::stop, place, process.worker});
}

void Supervision::kill_late(std::vector<Order>& orders) {
  for (unsigned place = 0; place < places(); ++place) {
    Process& process = processes_[place];
    if (process.phase == Phase::none || process.killed) continue;
    const bool late = process.phase == Phase::starting  ? now_ - process.since >= options_.start
                      : process.phase == Phase::serving ? now_ - process.heard >= options_.silence
                                                        : now_ - process.since >= options_.stop;
    if (!late) continue;
    process.killed = true;
    orders.push_back({What::kill, place, process.worker});
  }
}

void Supervision::serves(unsigned place) {
  if (phase(place) != Phase::starting) return;
  enter(place, Phase::serving);
  any_served_ = true;
  workers_[processes_[place].worker - 1].failed_starts = 0;
}

void Supervision::gave_sign(unsigned place) { processes_[place].heard = clock_.monotonic(); }

void Supervision::stops_by_itself(unsigned place) {
  if (phase(place) != Phase::none && phase(place) != Phase::stopping) enter(place, Phase::stopping);
}

void Supervision::ended(unsigned place) {
  const Process process = std::exchange(processes_[place], Process{});
  if (process.phase == Phase::none) return;
  Worker& worker = workers_[process.worker - 1];
  if (worker.next == place) {
    // The old one stays, as do those whose turn has not come.
    worker.next.reset();
    to_replace_.clear();
  } else if (worker.place == place) {
    worker.place = std::exchange(worker.next, std::nullopt);
    if (!worker.place && !stopping_) {
      plan_restart(worker, process.worker, process.phase, clock_.monotonic() - process.since);
    }
  }
}

void Supervision::plan_restart(Worker& worker, unsigned number, Phase last, base::Nanoseconds lived) {
  if (last != Phase::stopping) ++worker.restarts;
  if (last == Phase::starting && ++worker.failed_starts >= (any_served_ ? kTries : kFirstTries)) hopeless_ = number;
  if (last == Phase::stopping || (last == Phase::serving && lived >= kSteady)) worker.waits = 0;
  worker.due = clock_.monotonic() + wait_of(worker.waits);
  ++worker.waits;
}

base::Nanoseconds Supervision::wait_of(unsigned waits) {
  if (waits == 0) return base::Nanoseconds(0);
  base::Nanoseconds wait = kFirstWait;
  for (unsigned i = 1; i < waits && wait < kLongestWait; ++i) wait *= 2;
  wait = std::min<base::Nanoseconds>(wait, kLongestWait);
  return base::Nanoseconds(
      static_cast<base::Nanoseconds::rep>(random_.uniform(0.5, 1) * static_cast<double>(wait.count())));
}

void Supervision::stop() {
  stopping_ = true;
  to_replace_.clear();
}

void Supervision::roll() {
  if (stopping_) return;
  to_replace_.clear();
  for (unsigned number = 1; number <= workers_.size(); ++number) to_replace_.push_back(number);
}

bool Supervision::serves_whole() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [this](const Worker& worker) { return worker.place && phase(*worker.place) == Phase::serving; });
}

bool Supervision::over() const {
  return stopping_ && std::all_of(processes_.begin(), processes_.end(),
                                  [](const Process& process) { return process.phase == Phase::none; });
}

}  // namespace costagent
