// What the workers of one service tell each other: a block of memory that they and their supervisor share.
//
// Each running worker has a place of its own in it, and writes nowhere else; the supervisor writes who has which place.
// What a worker counted stays when it dies, and the next one at that place counts on, so that no sum ever goes down.
// There are no locks: whoever is killed at whatever moment holds up nobody.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "costagent/api/http_counts.h"

namespace costagent {

// A running worker, as others see it.
struct WorkerInfo {
  unsigned number = 0;  // from 1
  int pid = 0;
  bool serves = false;  // it accepts connections: neither starting nor stopping
  base::UtcTime started{};
  std::int64_t restarts = 0;  // of the worker of this number, after an end that nobody wanted
  std::int64_t connections = 0;
};

class WorkerBoard {
 public:
  // The longest text of metrics that a worker may show; a longer one is left out. Some thousand series.
  static constexpr std::size_t kMaxText = 256 * 1024;

  // A new one, of the supervisor.
  static base::Result<WorkerBoard> create(unsigned places);
  // The supervisor's, by an inherited descriptor. Fails with `invalid` if that is none.
  static base::Result<WorkerBoard> join(base::UniqueFd descriptor);

  int descriptor() const { return descriptor_.get(); }
  unsigned places() const;

  // For the supervisor. A worker moves in; it serves, or no longer does; it is dead, and what it counted
  // is kept; one had to be started again.
  void move_in(unsigned place, const WorkerInfo& worker);
  void set_pid(unsigned place, int pid);
  void set_serves(unsigned place, bool serves);
  void move_out(unsigned place);
  void count_restart();

  // For the worker at that place.
  HttpCounts& counts(unsigned place) const;
  // What else it counts, in Prometheus' text format, in place of what it said before. One thread at a time.
  void publish(unsigned place, std::string_view text);
  // Another serving worker has so many fewer connections that the next one is its to take. Cheap.
  bool should_give_way(unsigned place) const;

  // For anyone. Those that live, by number.
  std::vector<WorkerInfo> workers() const;
  std::int64_t restarts() const;
  // The texts of all living workers, and what is kept of the dead.
  std::vector<std::string> texts() const;

 private:
  struct Memory;
  struct Place;
  struct Unmap {
    std::size_t size;
    void operator()(Memory* memory) const;
  };

  WorkerBoard(base::UniqueFd descriptor, Memory* memory, std::size_t size);
  Place& place(unsigned number) const;

  base::UniqueFd descriptor_;
  std::unique_ptr<Memory, Unmap> memory_;
};

}  // namespace costagent
