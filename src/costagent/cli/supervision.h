// What a supervisor does with its workers, and when: decisions alone, without processes and without waiting.
//
// A worker is known by its number, from 1. The process that plays it has a place; there is one place more than workers,
// so that a worker's next process can serve before its last one stops. Not thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace costagent {

struct SupervisionOptions {
  unsigned workers = 2;
  // A worker that gives no sign of life for so long is taken to hang, and killed.
  std::chrono::milliseconds silence{10'000};
  // Opening a database, which may be locked by another for ten seconds, with room for a busy machine.
  std::chrono::milliseconds start{60'000};
  // Connections are drained, and a job is finished, within their own bounds; this is the end of all patience.
  std::chrono::milliseconds stop{45'000};
  std::uint64_t seed = 1;  // of the jitter
};

class Supervision {
 public:
  enum class Phase { none, starting, serving, stopping };

  enum class What { start, stop, kill };
  struct Order {
    What what;
    unsigned place;
    unsigned worker;
    bool operator==(const Order&) const = default;
  };

  // The first starts are watched by a person, so they are given up soon.
  static constexpr unsigned kFirstTries = 3;
  // Later ones must outlast a database that is being restarted: with their waits, half a minute.
  static constexpr unsigned kTries = 10;
  // The first restart is at once. Each further one waits twice as long as the one before, up to the longest, and up to
  // half of that less at random, so that workers which died of one cause don't come back in one step.
  static constexpr std::chrono::milliseconds kFirstWait{250};
  static constexpr std::chrono::milliseconds kLongestWait{10'000};
  // Who served for so long starts with a clean slate.
  static constexpr std::chrono::seconds kSteady{30};
  // `turn` must be called at least this often. What lies further apart was not slow workers' doing, but the
  // supervisor's own sleep (Ctrl-Z, a machine that was paused), and counts for nobody.
  static constexpr std::chrono::milliseconds kTurn{200};
  static constexpr std::chrono::milliseconds kOverslept{2000};

  // The clock must outlive it.
  Supervision(const SupervisionOptions& options, const base::Clock& clock);

  // What is to be done now. To be called after every event, too.
  std::vector<Order> turn();

  // What happens. A process that was ordered to start did so by being there; whatever becomes of it, it ends.
  void serves(unsigned place);
  void gave_sign(unsigned place);
  void stops_by_itself(unsigned place);  // somebody told it to; its end is no failure
  void ended(unsigned place);

  // All end, and none is started again.
  void stop();
  // Every worker's process is replaced, one after the other: the next one serves before the last one stops. One that
  // can't start ends that, and the old ones stay.
  void roll();

  unsigned places() const { return static_cast<unsigned>(processes_.size()); }
  Phase phase(unsigned place) const { return processes_[place].phase; }
  unsigned worker(unsigned place) const { return processes_[place].worker; }  // 0: the place is free
  bool serves_whole() const;                                                  // every worker serves
  bool stopping() const { return stopping_; }
  bool over() const;                                              // all have ended, as they were told
  std::optional<unsigned> hopeless() const { return hopeless_; }  // the worker that can't start
  // After ends that nobody wanted.
  unsigned restarts(unsigned worker) const { return workers_[worker - 1].restarts; }
  bool rolling() const { return !to_replace_.empty() || replacing_; }

 private:
  struct Process {
    Phase phase = Phase::none;
    unsigned worker = 0;
    base::Nanoseconds since{};  // of its phase
    base::Nanoseconds heard{};
    bool told = false;  // to stop
    bool killed = false;
  };
  struct Worker {
    std::optional<unsigned> place;  // of the process that plays it, or is to
    std::optional<unsigned> next;   // of the one that takes over
    base::Nanoseconds due{};        // of the next start, while there is no process
    unsigned waits = 0;             // that grew
    unsigned failed_starts = 0;     // in a row
    unsigned restarts = 0;
  };

  void enter(unsigned place, Phase phase);
  unsigned start(unsigned worker, std::vector<Order>& orders);
  void start_due(std::vector<Order>& orders);
  void go_on_rolling(std::vector<Order>& orders);
  void kill_late(std::vector<Order>& orders);
  void tell_to_stop(unsigned place, std::vector<Order>& orders);
  void plan_restart(Worker& worker, unsigned number, Phase last, base::Nanoseconds lived);
  base::Nanoseconds wait_of(unsigned waits);

  const SupervisionOptions options_;
  const base::Clock& clock_;
  base::Random random_;
  base::Nanoseconds now_;
  std::vector<Process> processes_;  // by place
  std::vector<Worker> workers_;     // by number, from 1
  std::deque<unsigned> to_replace_;
  std::optional<unsigned> replacing_;  // the worker
  std::optional<unsigned> hopeless_;
  bool any_served_ = false;
  bool stopping_ = false;
};

}  // namespace costagent
