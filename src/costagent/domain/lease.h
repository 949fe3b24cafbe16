// Who may do what only one process may do at a time, and until when; and what came of work that is done again and again
// under such a lease.
//
// A lease is lost by time alone, so its holder may believe in it while another has it: a process that was paused, or a
// machine that slept. The token tells them apart (a fencing token: Kleppmann 2016, "How to do distributed locking"):
// each taking has a higher one, and what is written under a lease is refused when its token is not the newest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace costagent {

struct Lease {
  std::string name;      // of what it is for
  std::string holder{};  // who has it, for people
  base::UtcTime until{};
  std::int64_t token = 0;
};

// A task's next and last run. Times that never were are the epoch.
struct TaskRecord {
  std::string task{};
  base::UtcTime due{};       // the next run
  base::UtcTime started{};   // the last run
  base::UtcTime finished{};  // the last one that came to its end; before `started` while one runs, or was cut short
  std::string holder{};      // who made it
  std::string error{};       // why the last finished run failed; empty if it did not
  std::int64_t runs = 0;     // that came to their end
  std::int64_t failures = 0;
};

// Implemented by store/. Every call blocks and may be made from any thread and process; errors as in fact_store.h.
// Times are the callers', to the millisecond: machines that share a store must agree on the time to well within a
// lease.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  // Takes the lease if nobody has it at `now`; nothing if somebody does.
  virtual base::Result<std::optional<Lease>> take(const std::string& name, const std::string& holder, base::UtcTime now,
                                                  base::UtcTime until) = 0;

  // The lease as it was last taken, over or not; nothing if it never was.
  virtual base::Result<std::optional<Lease>> lease(const std::string& name) = 0;

  // False when somebody else has taken it since. One that ran out and was not taken is had again.
  virtual base::Result<bool> extend(const Lease& lease, base::UtcTime until) = 0;

  // Ends it before its time. False as above.
  virtual base::Result<bool> give_back(const Lease& lease) = 0;

  virtual base::Result<std::optional<TaskRecord>> task(const std::string& name) = 0;

  // By name, 100 at most: tasks are written in the program.
  virtual base::Result<std::vector<TaskRecord>> tasks() = 0;

  // Writes the record if the lease's token is the newest; else false, and nothing is written.
  virtual base::Result<bool> save(const TaskRecord& record, const Lease& lease) = 0;
};

}  // namespace costagent
