// Watches what a test names while its load runs, and sums up what the target used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/plan.h"
#include "loadlab/probe/prober.h"
#include "loadlab/result/result.h"
#include "loadlab/session/started_command.h"

namespace loadlab {

// Not thread-safe; each probe has a thread of its own within. What can't be read becomes a gap that says why, never an
// error: the load goes on without it.
class ResourceWatch {
 public:
  // Starts the commands that are to be watched, and finds the processes. Where none is named and the target is on this
  // machine's loopback, that is whoever listens on the target's port. `started` are processes that were started for the
  // test and are the target's, and `cores` is the machine's.
  ResourceWatch(const Test& test, int cores, const std::vector<pid_t>& started = {});

  // Why a command that was to be watched does not run; empty if all do.
  const std::string& command_failure() const { return command_failure_; }

  // Just before the load begins: every probe reads once.
  void begin();

  // After every second: the target's part of it, which the engine left open, and what probes saw so far, for thresholds
  // that end a test. The whole series come with the end.
  void update(TestResult& so_far);

  // After the load: a last reading, then everything that was seen. The commands run on until this object's end.
  void end(TestResult& result);

 private:
  void add_processes(const std::vector<pid_t>& started);
  void add(std::unique_ptr<Probe> probe);
  void note_gap(const std::string& reason);
  void tell_start(const TestResult& test);
  void fill_seconds(TestResult& result) const;
  Resources sum_up(const TestResult& test) const;

  const Test& test_;
  int cores_;
  std::vector<StartedCommand> commands_;
  std::vector<Prober> probers_;
  std::optional<std::size_t> processes_;  // which of them watches the target's processes
  std::string gap_;
  std::string command_failure_;
  bool start_told_ = false;
};

}  // namespace loadlab
