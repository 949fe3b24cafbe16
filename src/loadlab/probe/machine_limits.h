// What a machine allows a load generator: the limits and settings of /proc and /sys that can bend a load test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loadlab {

// Empty where this kernel, or a container's /proc, does not say.
struct MachineLimits {
  std::optional<std::uint64_t> descriptors_soft;  // of this process
  std::optional<std::uint64_t> descriptors_hard;
  std::optional<std::uint64_t> ports;      // in the range that connections are made from
  std::optional<std::uint64_t> time_wait;  // ports that wait for late packets of closed connections, a minute each
  std::optional<int> reuse_time_wait;      // tcp_tw_reuse: 0 never, 1 always, 2 on the loopback
  std::optional<std::uint64_t> accept_backlog;
  std::optional<std::uint64_t> syn_backlog;
  std::vector<std::string> governors;  // of the cores' frequency, each kind once; empty where it is not ours to set
  std::optional<std::string> clock_source;
  std::optional<bool> real_time_allowed;
  int cores = 1;
  std::optional<bool> hyperthreads;  // cores that share their units with another
  std::optional<std::uint64_t> connections_tracked;
  std::optional<std::uint64_t> connections_trackable;
  std::optional<std::uint64_t> memory_available;  // bytes
  std::optional<double> steal_percent;            // since the machine started
  std::optional<double> load;                     // threads at work or ready to, averaged over a minute
};

// `root` is where proc and sys are found; tests give a recorded tree.
MachineLimits read_machine_limits(const std::filesystem::path& root = "/");

// What a reading of the monotonic clock costs, in nanoseconds: the least of several averages. Takes about a
// millisecond.
double measure_clock_cost();

}  // namespace loadlab
