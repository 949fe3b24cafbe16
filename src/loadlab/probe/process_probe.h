// Watches processes of this machine with all their children, as one thing, and each of them apart.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loadlab/probe/cost_limit.h"
#include "loadlab/probe/probe.h"
#include "loadlab/probe/process_finder.h"
#include "loadlab/probe/process_stat.h"
#include "loadlab/probe/socket_table.h"
#include "loadlab/probe/tree_counter.h"

namespace loadlab {

// A reading costs some tens of microseconds a process; what costs more is read less often (cost_limit.h). A process
// that has ended is looked for anew every few seconds, as a service may be started again; until then the reading fails,
// since the others alone would look like less.
class ProcessProbe final : public Probe {
 public:
  // Finds the processes at once, and goes without those it can't find. `cores` is the machine's.
  ProcessProbe(const std::vector<ProcessFinder>& finders, int cores);

  std::string_view kind() const override { return "process"; }
  const std::string& label() const override { return label_; }  // "costagent (pid 4242)"; empty: none found
  const std::string& missing() const { return missing_; }       // why one was not found; else empty
  base::Result<> read(Reading& into) override;

 private:
  struct Root {
    ProcessFinder finder;
    std::vector<pid_t> pids;
    std::vector<std::uint64_t> started;
    base::Nanoseconds look_again{0};
  };
  struct Member {
    pid_t pid = 0;
    ProcessStat stat;
    std::optional<base::Nanoseconds> cpu;
    std::optional<std::uint64_t> descriptors;
    std::optional<DiskUse> disk;
  };
  // The counters over the tree, in the catalogue's units x seconds.
  struct Totals {
    TreeCounter cpu, user, system, minor_faults, major_faults, disk_read, disk_written;
    TreeCounter voluntary, involuntary, run_queue_wait;
  };

  static base::Result<> find(Root& root);
  static base::Result<> find_again(Root& root, base::Nanoseconds now);
  base::Result<std::vector<Member>> members(base::Nanoseconds now);
  void set_whole(const std::vector<Member>& members, Reading& into);
  void set_part(const Member& member, Reading& into) const;
  void set_threads(const std::vector<Member>& members, Reading& into);
  static void set_memory_detail(const std::vector<Member>& members, Reading& into);
  void set_sockets(Reading& into);
  void find_ports(const std::vector<Member>& members);
  double percent_seconds(double seconds) const { return 100 * seconds / cores_; }
  double percent_of_ticks(std::uint64_t ticks) const;
  bool is_since(const Member& member) const { return watching_since_ > 0 && member.stat.started >= watching_since_; }

  std::vector<Root> roots_;
  int cores_;
  double ticks_per_second_;
  std::string label_;
  std::string missing_;
  std::uint64_t watching_since_ = 0;  // in ticks since boot; zero until the first reading
  Totals totals_;
  std::map<std::string, std::uint64_t> threads_;  // at work or ready to be, as of `threads_at_`
  base::Nanoseconds threads_at_{0};
  CostLimit threads_limit_;
  CostLimit memory_limit_;
  CostLimit sockets_limit_;
  CostLimit ports_limit_;
  std::optional<SocketTable> table_;
  std::set<std::pair<std::uint16_t, int>> ports_;  // and their families
};

}  // namespace loadlab
