// Watches a test's target processes while the load runs, and sums up what they used together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/plan.h"
#include "loadlab/probe/process_probe.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Not thread-safe. What can't be read becomes a gap that says why, never an error: the load goes on without it.
class ResourceWatch {
 public:
  // Finds the processes that the test names. Where it names none and the target is on this machine's loopback, that is
  // whoever listens on the target's port.
  ResourceWatch(const Test& test, const base::Clock& clock, int cores);

  // Just before the load begins.
  void begin();

  // Reads once more and fills in the target's part of a second, which the engine left open.
  void fill(Second& second);

  // After the load: the averages and peaks. CPU is averaged from `begin` until now.
  Resources sum_up(std::uint64_t requests);

 private:
  void add(const base::Result<pid_t>& pid);
  void note_gap(const base::Error& error);
  std::optional<ProcessSample> read();
  double cpu_percent(const ProcessSample& from, const ProcessSample& to) const;

  const base::Clock& clock_;
  int cores_;
  std::vector<ProcessProbe> probes_;
  std::string gap_;
  std::optional<ProcessSample> first_;
  std::optional<ProcessSample> last_;
  double peak_cpu_percent_ = 0;
  double memory_sum_ = 0;
  int samples_ = 0;
  std::uint64_t peak_memory_ = 0;
  int peak_descriptors_ = 0;
  int peak_threads_ = 0;
};

}  // namespace loadlab
