#include "loadlab/cli/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadlab/judge/trust.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// Descriptors beside those of the connections: files, pipes, a poller for each worker, what libraries hold.
constexpr std::uint64_t kOwnDescriptors = 64;
// Linux keeps a closed connection's port for so long (TCP_TIMEWAIT_LEN).
constexpr double kTimeWaitSeconds = 60;
// What a request costs the generator, with the kernel's part: measured (docs/performance.md), and rounded up.
constexpr double kSecondsPerRequest = 15e-6;
// What a connected user costs with its socket and the kernel's buffers for it, when it asks for little.
constexpr double kBytesPerUser = 32 * 1024;
constexpr double kSlowClockNs = 100;
constexpr double kVerySlowClockNs = 1000;
constexpr double kNoticeableStealPercent = 1;
// Readings of /proc/loadavg by which others are at work.
constexpr double kLoadPerCore = 0.5;

constexpr const char* kUnknown = "this system does not say";

Finding descriptors(const MachineLimits& limits, const Need& need) {
  if (!limits.descriptors_hard) return {"descriptors", Level::ok, kUnknown, ""};
  const std::uint64_t needed = static_cast<std::uint64_t>(need.users) + kOwnDescriptors;
  std::string found = *limits.descriptors_hard == UINT64_MAX
                          ? "as many as wanted"
                          : fmt::format("limit {}", format_count(*limits.descriptors_hard));
  if (limits.descriptors_soft && *limits.descriptors_soft < *limits.descriptors_hard)
    found += fmt::format(" (loadlab raises its own from {})", format_count(*limits.descriptors_soft));
  if (needed <= *limits.descriptors_hard) return {"descriptors", Level::ok, std::move(found), ""};
  return {"descriptors", Level::bad, std::move(found),
          fmt::format("{} need {}: raise the hard limit (ulimit -Hn, LimitNOFILE= of the service, "
                      "/etc/security/limits.conf).",
                      format_counted(static_cast<std::uint64_t>(need.users), "user"), format_count(needed))};
}

Finding ports(const MachineLimits& limits, const Need& need) {
  if (!limits.ports) return {"ports", Level::ok, kUnknown, ""};
  const std::uint64_t waiting = std::min(limits.time_wait.value_or(0), *limits.ports);
  const std::uint64_t free = *limits.ports - waiting;
  std::string found = fmt::format("{} to each address of a target, {} of them waiting after a close",
                                  format_count(*limits.ports), format_count(waiting));
  if (static_cast<std::uint64_t>(need.users) > free) {
    return {"ports", Level::bad, std::move(found),
            fmt::format("{} need as many: widen the range (sysctl net.ipv4.ip_local_port_range='1024 65535'), "
                        "or give several source addresses.",
                        format_counted(static_cast<std::uint64_t>(need.users), "user"))};
  }
  // Where a connection carries one request, each leaves its port waiting.
  if (limits.reuse_time_wait.value_or(0) == 0 && need.rate * kTimeWaitSeconds > static_cast<double>(*limits.ports)) {
    return {"ports", Level::warn, std::move(found),
            fmt::format("Without keep-alive {} would use them up: keep connections alive, or sysctl "
                        "net.ipv4.tcp_tw_reuse=1.",
                        format_rate(need.rate))};
  }
  return {"ports", Level::ok, std::move(found), ""};
}

Finding backlog(const MachineLimits& limits, const Need& need) {
  if (!limits.accept_backlog) return {"backlog", Level::ok, kUnknown, ""};
  const std::uint64_t syn = limits.syn_backlog.value_or(*limits.accept_backlog);
  std::string found =
      fmt::format("somaxconn {}, tcp_max_syn_backlog {}", format_count(*limits.accept_backlog), format_count(syn));
  if (static_cast<std::uint64_t>(need.users) <= std::min(*limits.accept_backlog, syn))
    return {"backlog", Level::ok, std::move(found), ""};
  return {
      "backlog", Level::warn, std::move(found),
      "Should the target run here, users who come all at once may wait a second to connect: use a ramp-up, or raise "
      "net.core.somaxconn and net.ipv4.tcp_max_syn_backlog (and the target's own listen backlog)."};
}

Finding governor(const MachineLimits& limits) {
  if (limits.governors.empty()) return {"CPU frequency", Level::ok, "not this system's to set", ""};
  std::string found = fmt::format("governor {}", fmt::join(limits.governors, ", "));
  if (limits.governors == std::vector<std::string>{"performance"})
    return {"CPU frequency", Level::ok, std::move(found), ""};
  return {"CPU frequency", Level::warn, std::move(found),
          "Cores that slow down when idle make light loads look slow: cpupower frequency-set -g performance."};
}

Finding clock(const MachineLimits& limits, double cost_ns) {
  std::string found = fmt::format("{}, {:.0f} ns a reading", limits.clock_source.value_or("clock"), cost_ns);
  if (cost_ns < kSlowClockNs) return {"clock", Level::ok, std::move(found), ""};
  return {"clock", cost_ns < kVerySlowClockNs ? Level::warn : Level::bad, std::move(found),
          "The clock is read by a system call, several times a request: choose a faster one in "
          "/sys/devices/system/clocksource/clocksource0/ (tsc, kvm-clock)."};
}

Finding real_time(const MachineLimits& limits) {
  if (!limits.real_time_allowed) return {"real time", Level::ok, kUnknown, ""};
  if (*limits.real_time_allowed)
    return {"real time", Level::ok, "allowed: workers run before all that is not, with a timer slack of 1 ns", ""};
  return {"real time", Level::warn, "not allowed: workers wait for their turn like all others",
          "Sends may be late where cores are shared, which is measured: give CAP_SYS_NICE (setcap cap_sys_nice+ep "
          "loadlab), or an rtprio limit of 1."};
}

Finding cores(const MachineLimits& limits, const Need& need) {
  const double share = 100 * need.rate * kSecondsPerRequest / limits.cores;
  std::string found = fmt::format(
      "{} {}{}, of which {} needs about {}", limits.cores, limits.cores == 1 ? "core" : "cores",
      limits.hyperthreads.value_or(false) ? " with hyper-threads" : "", format_rate(need.rate), format_percent(share));
  if (share > kBusyWorkerPercent) {
    return {"cores", Level::bad, std::move(found), "Use a larger machine, or share the rate among several."};
  }
  // Half is what loadlab takes by itself, since a target here needs the other.
  if (share > kBusyWorkerPercent / 2) {
    return {"cores", Level::warn, std::move(found),
            "Give it all cores (--threads) and the target another machine, or lower the rate."};
  }
  if (limits.cores == 1) {
    return {"cores", Level::warn, std::move(found), "A target on this machine would share its only core."};
  }
  return {"cores", Level::ok, std::move(found), ""};
}

Finding others(const MachineLimits& limits) {
  if (!limits.load) return {"load", Level::ok, kUnknown, ""};
  std::string found = fmt::format("{:.2f} at work over the last minute", *limits.load);
  if (*limits.load <= kLoadPerCore * limits.cores) return {"load", Level::ok, std::move(found), ""};
  return {"load", Level::warn, std::move(found),
          "Something else is at work here: end it first, or its noise is measured."};
}

Finding conntrack(const MachineLimits& limits, const Need& need) {
  if (!limits.connections_trackable) return {"conntrack", Level::ok, "connections are not tracked", ""};
  const std::uint64_t tracked = limits.connections_tracked.value_or(0);
  std::string found =
      fmt::format("{} of {} tracked", format_count(tracked), format_count(*limits.connections_trackable));
  if (tracked + static_cast<std::uint64_t>(need.users) <= *limits.connections_trackable)
    return {"conntrack", Level::ok, std::move(found), ""};
  return {"conntrack", Level::bad, std::move(found),
          "Connections beyond it are lost without a word: raise net.netfilter.nf_conntrack_max, or take the load's "
          "ports out of tracking."};
}

Finding memory(const MachineLimits& limits, const Need& need) {
  if (!limits.memory_available) return {"memory", Level::ok, kUnknown, ""};
  const double needed = need.users * kBytesPerUser;
  const auto available = static_cast<double>(*limits.memory_available);
  std::string found = fmt::format("{} available", format_value(available / 1e6, "MB"));
  if (needed <= available / 2) return {"memory", Level::ok, std::move(found), ""};
  return {
      "memory", needed <= available ? Level::warn : Level::bad, std::move(found),
      fmt::format("{} take about {}, most of it in the kernel's sockets: use fewer, or more memory.",
                  format_counted(static_cast<std::uint64_t>(need.users), "user"), format_value(needed / 1e6, "MB"))};
}

Finding steal(const MachineLimits& limits) {
  if (!limits.steal_percent) return {"steal", Level::ok, kUnknown, ""};
  std::string found = fmt::format("{} since the machine started", format_percent(*limits.steal_percent));
  if (*limits.steal_percent <= kNoticeableStealPercent) return {"steal", Level::ok, std::move(found), ""};
  return {"steal", *limits.steal_percent <= kUsualStealPercent ? Level::warn : Level::bad, std::move(found),
          "The host gives this machine's time to others: use dedicated cores, or another host."};
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warn:
      return "warn";
    case Level::bad:
      return "bad";
  }
  return "bad";
}

std::vector<Finding> examine(const MachineLimits& limits, double clock_cost_ns, const Need& need) {
  return {descriptors(limits, need),
          ports(limits, need),
          backlog(limits, need),
          cores(limits, need),
          others(limits),
          steal(limits),
          governor(limits),
          clock(limits, clock_cost_ns),
          real_time(limits),
          memory(limits, need),
          conntrack(limits, need)};
}

Level worst(const std::vector<Finding>& findings) {
  Level level = Level::ok;
  for (const Finding& finding : findings) level = std::max(level, finding.level);
  return level;
}

}  // namespace loadlab
