#include "loadlab/probe/process_probe.h"

#include <unistd.h>

#include <algorithm>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

constexpr double kBytesPerMb = 1e6;
// Bounds what a runaway fork can cost; a service of more processes is watched as its first ones.
constexpr std::size_t kMostProcesses = 512;
constexpr Nanoseconds kLookAgainAfter = std::chrono::seconds(5);
// Listening sockets are opened early and seldom; descriptors behind these are connections.
constexpr std::size_t kMostDescriptorsLookedAt = 65'536;
constexpr Nanoseconds kPortsPause = std::chrono::seconds(20);
// What is left of a percent: memory and ports, which are read so seldom, cost next to nothing.
constexpr double kSocketsShare = 0.004;
constexpr Nanoseconds kMemoryPause = std::chrono::seconds(30);

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// The CPU time that `work` takes is kept within the limit.
template <class Work>
void within(CostLimit& limit, Nanoseconds now, Work work) {
  if (!limit.is_due(now)) return;
  const Nanoseconds before = base::SystemClock::thread_cpu_now();
  work();
  limit.spent(now, base::SystemClock::thread_cpu_now() - before);
}

// In ticks since boot, as the kernel tells when a process was started.
std::uint64_t ticks_now(double ticks_per_second) {
  const auto text = read_proc("/proc/uptime");
  std::string_view words = text ? std::string_view(*text) : std::string_view();
  const auto word = next_word(words);
  return static_cast<std::uint64_t>(ticks_per_second * (word ? real_number(*word).value_or(0) : 0));
}

}  // namespace

ProcessProbe::ProcessProbe(const std::vector<ProcessFinder>& finders, int cores)
    : cores_(cores),
      ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))),
      memory_limit_(kMemoryPause),
      sockets_limit_(Nanoseconds{0}, kSocketsShare),
      ports_limit_(kPortsPause) {
  std::set<pid_t> named;
  for (const ProcessFinder& finder : finders) {
    Root root{finder, {}, {}, Nanoseconds{0}};
    if (const auto found = find(root); !found) {
      if (!missing_.empty()) missing_ += "; ";
      missing_ += found.error().message;
      continue;
    }
    for (const pid_t pid : root.pids) {
      const auto stat = named.insert(pid).second ? read_process_stat(pid) : base::Result<ProcessStat>();
      if (!stat || stat->name.empty()) continue;
      if (!label_.empty()) label_ += " + ";
      label_ += fmt::format("{} (pid {})", stat->name, pid);
    }
    roots_.push_back(std::move(root));
  }
}

base::Result<> ProcessProbe::find(Root& root) {
  auto pids = root.finder();
  if (!pids) return base::pass_on(pids);
  root.started.clear();
  for (const pid_t pid : *pids) {
    const auto stat = read_process_stat(pid);
    if (!stat) return base::pass_on(stat);
    root.started.push_back(stat->started);
  }
  root.pids = std::move(*pids);
  return {};
}

base::Result<> ProcessProbe::find_again(Root& root, Nanoseconds now) {
  if (now < root.look_again) return base::fail(base::ErrorKind::not_found, "it has ended");
  root.look_again = now + kLookAgainAfter;
  return find(root);
}

// The watched processes and all below them. Fails where a watched one has ended and no other stands in its place.
base::Result<std::vector<ProcessProbe::Member>> ProcessProbe::members(Nanoseconds now) {
  std::vector<Member> found;
  std::set<pid_t> known;
  const auto take = [&](pid_t pid, ProcessStat stat) {
    if (known.insert(pid).second) found.push_back({pid, std::move(stat), {}, {}, {}});
  };
  for (Root& root : roots_) {
    if (root.pids.empty()) {
      if (const auto again = find_again(root, now); !again) return base::pass_on(again);
    }
    for (std::size_t i = 0; i < root.pids.size(); ++i) {
      auto stat = read_process_stat(root.pids[i]);
      if (stat && stat->started == root.started[i]) {
        take(root.pids[i], std::move(*stat));
        continue;
      }
      const pid_t ended = root.pids[i];
      root.pids.clear();
      return base::fail(base::ErrorKind::not_found, "process {} has ended", ended);
    }
  }
  for (std::size_t i = 0; i < found.size() && found.size() < kMostProcesses; ++i) {
    for (const pid_t child : children_of(found[i].pid)) {
      // What has ended and is not waited for yet keeps its times here until its parent takes them over.
      if (auto stat = read_process_stat_or_remains(child)) take(child, std::move(*stat));
    }
  }
  return found;
}

base::Result<> ProcessProbe::read(Reading& into) {
  const Nanoseconds now = base::SystemClock::monotonic_now();
  if (roots_.empty()) return base::fail(base::ErrorKind::not_found, "{}", missing_);
  auto all = members(now);
  if (!all) return base::pass_on(all);
  for (Member& member : *all) {
    if (member.stat.has_ended()) continue;
    member.cpu = process_cpu(member.pid);
    member.descriptors = open_descriptors(member.pid);
    member.disk = disk_use(member.pid);
  }
  set_whole(*all, into);
  within(threads_limit_, now, [&] { set_threads(*all, into); });
  within(memory_limit_, now, [&] { set_memory_detail(*all, into); });
  within(ports_limit_, now, [&] { find_ports(*all); });
  within(sockets_limit_, now, [&] { set_sockets(into); });
  if (watching_since_ == 0) watching_since_ = ticks_now(ticks_per_second_);
  if (all->size() < 2) return {};
  for (const Member& member : *all) {
    if (member.stat.has_ended()) continue;
    into.begin_part(fmt::format("worker {}", member.pid));
    set_part(member, into);
  }
  return {};
}

double ProcessProbe::percent_of_ticks(std::uint64_t ticks) const {
  return percent_seconds(static_cast<double>(ticks) / ticks_per_second_);
}

void ProcessProbe::set_whole(const std::vector<Member>& members, Reading& into) {
  Totals& totals = totals_;
  const auto counters = {&totals.cpu,          &totals.user,      &totals.system,      &totals.minor_faults,
                         &totals.major_faults, &totals.disk_read, &totals.disk_written};
  for (TreeCounter* counter : counters) counter->begin();
  double memory = 0;
  double threads = 0;
  double processes = 0;
  double descriptors = 0;
  bool disk_known = true;
  for (const auto& [pid, stat, cpu, open, disk] : members) {
    const bool since = watching_since_ > 0 && stat.started >= watching_since_;
    const double ticks = percent_of_ticks(stat.user + stat.system);
    totals.cpu.add(pid, since, cpu ? percent_seconds(seconds_of(*cpu)) : ticks,
                   percent_of_ticks(stat.inherited_user + stat.inherited_system));
    totals.user.add(pid, since, percent_of_ticks(stat.user), percent_of_ticks(stat.inherited_user));
    totals.system.add(pid, since, percent_of_ticks(stat.system), percent_of_ticks(stat.inherited_system));
    totals.minor_faults.add(pid, since, static_cast<double>(stat.minor_faults),
                            static_cast<double>(stat.inherited_minor_faults));
    totals.major_faults.add(pid, since, static_cast<double>(stat.major_faults),
                            static_cast<double>(stat.inherited_major_faults));
    if (stat.has_ended()) continue;
    // The kernel adds a child's to its parent's when that waits for it, so that all of it counts as inherited.
    disk_known = disk_known && disk.has_value();
    if (disk) {
      totals.disk_read.add(pid, since, 0, static_cast<double>(disk->read) / kBytesPerMb);
      totals.disk_written.add(pid, since, 0, static_cast<double>(disk->written) / kBytesPerMb);
    }
    memory += static_cast<double>(stat.resident_bytes) / kBytesPerMb;
    threads += static_cast<double>(stat.threads);
    processes += 1;
    descriptors += static_cast<double>(open.value_or(0));
  }
  into.set("cpu", totals.cpu.end());
  into.set("cpu_user", totals.user.end());
  into.set("cpu_system", totals.system.end());
  into.set("page_faults", totals.minor_faults.end());
  into.set("major_faults", totals.major_faults.end());
  const double read = totals.disk_read.end();
  const double written = totals.disk_written.end();
  if (disk_known) {
    into.set("disk_read", read);
    into.set("disk_written", written);
  }
  into.set("memory", memory);
  into.set("threads", threads);
  into.set("processes", processes);
  if (members.front().descriptors) into.set("descriptors", descriptors);
}

void ProcessProbe::set_part(const Member& member, Reading& into) const {
  if (member.cpu) into.set("cpu", percent_seconds(seconds_of(*member.cpu)));
  into.set("cpu_user", percent_of_ticks(member.stat.user));
  into.set("cpu_system", percent_of_ticks(member.stat.system));
  into.set("memory", static_cast<double>(member.stat.resident_bytes) / kBytesPerMb);
  into.set("threads", static_cast<double>(member.stat.threads));
  if (member.descriptors) into.set("descriptors", static_cast<double>(*member.descriptors));
  if (!member.disk) return;
  into.set("disk_read", static_cast<double>(member.disk->read) / kBytesPerMb);
  into.set("disk_written", static_cast<double>(member.disk->written) / kBytesPerMb);
}

void ProcessProbe::set_threads(const std::vector<Member>& members, Reading& into) {
  const Nanoseconds now = base::SystemClock::monotonic_now();
  std::map<std::string, std::uint64_t> threads;
  for (TreeCounter* counter : {&totals_.voluntary, &totals_.involuntary, &totals_.run_queue_wait}) counter->begin();
  for (const Member& member : members) {
    if (member.stat.has_ended()) continue;
    ThreadUse use = thread_use(member.pid);
    threads.merge(use.busy_ns);
    const bool since = is_since(member);
    totals_.voluntary.add(member.pid, since, static_cast<double>(use.voluntary_switches));
    totals_.involuntary.add(member.pid, since, static_cast<double>(use.involuntary_switches));
    totals_.run_queue_wait.add(member.pid, since, percent_seconds(static_cast<double>(use.run_queue_wait_ns) / 1e9));
  }
  into.set("voluntary_switches", totals_.voluntary.end());
  into.set("involuntary_switches", totals_.involuntary.end());
  into.set("run_queue_wait", totals_.run_queue_wait.end());
  std::uint64_t most = 0;
  for (const auto& [thread, busy] : threads) {
    const auto before = threads_.find(thread);
    if (before != threads_.end() && busy > before->second) most = std::max(most, busy - before->second);
  }
  if (!threads_.empty() && now > threads_at_)
    into.set("busiest_thread", 100 * static_cast<double>(most) / static_cast<double>((now - threads_at_).count()));
  threads_ = std::move(threads);
  threads_at_ = now;
}

void ProcessProbe::set_memory_detail(const std::vector<Member>& members, Reading& into) {
  double pss = 0;
  double peak = 0;
  for (const Member& member : members) {
    if (member.stat.has_ended()) continue;
    const MemoryDetail detail = memory_detail(member.pid);
    if (!detail.pss || !detail.peak) return;  // somebody else's: the rest would look like less
    pss += static_cast<double>(*detail.pss) / kBytesPerMb;
    peak += static_cast<double>(*detail.peak) / kBytesPerMb;
  }
  into.set("pss", pss);
  into.set("peak_memory", peak);
}

void ProcessProbe::find_ports(const std::vector<Member>& members) {
  if (!table_) {
    auto opened = SocketTable::open();
    if (!opened) return;
    table_ = std::move(*opened);
  }
  const auto listeners = table_->listeners();
  if (!listeners) return;
  std::set<std::uint64_t> own;
  for (const Member& member : members) own.merge(socket_inodes_of(member.pid, kMostDescriptorsLookedAt));
  ports_.clear();
  for (const ListeningSocket& one : *listeners) {
    if (own.contains(one.inode)) ports_.insert({one.port, one.family});
  }
}

void ProcessProbe::set_sockets(Reading& into) {
  if (!table_ || ports_.empty()) return;
  SocketCounts sum;
  for (const auto& [port, family] : ports_) {
    const auto counts = table_->count(port, family);
    if (!counts) return;
    sum.established += counts->established;
    sum.close_wait += counts->close_wait;
    sum.other += counts->other;
  }
  const auto listeners = table_->listeners();
  if (!listeners) return;
  double waiting = 0;
  double limit = 0;
  for (const ListeningSocket& one : *listeners) {
    if (!ports_.contains({one.port, one.family})) continue;
    waiting += one.waiting;
    limit += one.limit;
  }
  into.set("sockets_established", static_cast<double>(sum.established));
  into.set("sockets_close_wait", static_cast<double>(sum.close_wait));
  into.set("sockets_other", static_cast<double>(sum.other));
  into.set("accept_queue", waiting);
  into.set("accept_queue_limit", limit);
}

}  // namespace loadlab
