// What the kernel says of one process, from /proc (proc(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace loadlab {

// From /proc/PID/stat: some ten microseconds. "Inherited" is what children used that have ended and been waited for,
// with their own children's. Times are in clock ticks.
struct ProcessStat {
  std::string name;
  char state = '?';
  pid_t parent = 0;
  std::uint64_t started = 0;  // ticks since boot: tells two processes of one number apart
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  std::uint64_t inherited_user = 0;
  std::uint64_t inherited_system = 0;
  std::uint64_t minor_faults = 0;
  std::uint64_t inherited_minor_faults = 0;
  std::uint64_t major_faults = 0;
  std::uint64_t inherited_major_faults = 0;
  std::uint64_t threads = 0;
  std::uint64_t resident_bytes = 0;

  bool has_ended() const { return state == 'Z' || state == 'X'; }
};

// Fails with `not_found` when there is no such process, or it has ended and merely waits to be waited for.
base::Result<ProcessStat> read_process_stat(pid_t pid);

// The same, but one that has ended is read too, as long as it is there.
base::Result<ProcessStat> read_process_stat_or_remains(pid_t pid);

// User and system time of all its threads to the nanosecond, where `stat` counts ticks of 10 ms.
std::optional<base::Nanoseconds> process_cpu(pid_t pid);

// Linux 6.2 and later know the number at once; before, the entries are counted.
std::optional<std::uint64_t> open_descriptors(pid_t pid);

// Bytes that came from and went to disks, also of children that were waited for. Nothing where we may not look.
struct DiskUse {
  std::uint64_t read = 0;
  std::uint64_t written = 0;
};
std::optional<DiskUse> disk_use(pid_t pid);

// Over all threads: some thirty microseconds each.
struct ThreadUse {
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t run_queue_wait_ns = 0;
  std::map<std::string, std::uint64_t> busy_ns{};  // by thread: at work, or ready to be
};
ThreadUse thread_use(pid_t pid);

// The memory with shared pages divided among those who share them, and the most that was resident; bytes. Goes through
// the whole address space: 8 ms for 512 MB.
struct MemoryDetail {
  std::optional<std::uint64_t> pss;
  std::optional<std::uint64_t> peak;
};
MemoryDetail memory_detail(pid_t pid);

// Direct children, of all threads.
std::vector<pid_t> children_of(pid_t pid);

}  // namespace loadlab
