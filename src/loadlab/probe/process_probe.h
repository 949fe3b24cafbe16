// Reads what a process on this machine uses, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace loadlab {

struct ProcessSample {
  base::Nanoseconds at{0};         // monotonic
  base::Nanoseconds cpu{0};        // user and system time of all its threads since it started
  std::uint64_t memory_bytes = 0;  // resident
  int descriptors = 0;
  int threads = 0;
};

// Not thread-safe. Reading costs some tens of microseconds, whatever the process holds.
class ProcessProbe {
 public:
  // Fails with `not_found` when there is no such process.
  static base::Result<ProcessProbe> open(pid_t pid);

  // Fails with `not_found` once the process has ended, also when another one has taken its number since.
  base::Result<ProcessSample> read(const base::Clock& clock) const;

  pid_t pid() const { return pid_; }
  const std::string& name() const { return name_; }

 private:
  ProcessProbe(pid_t pid, std::string name, std::uint64_t started)
      : pid_(pid), name_(std::move(name)), started_(started) {}

  pid_t pid_;
  std::string name_;
  std::uint64_t started_;  // in clock ticks since boot: tells two processes of one number apart
};

}  // namespace loadlab
