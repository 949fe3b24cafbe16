#include "loadlab/probe/machine_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace loadlab {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class RecordedMachine : public ::testing::Test {
 protected:
  ~RecordedMachine() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  fs::path root_ = fs::path(::testing::TempDir()) / "recorded_machine";
};

TEST_F(RecordedMachine, is_read_from_its_tree) {
  write("proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max open files            1024                 unlimited            files     \n"
        "Max realtime priority     0                    0                    \n");
  write("proc/self/status", "Name:\tloadlab\nCapEff:\t0000000000800000\n");
  write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  write("proc/sys/net/ipv4/tcp_tw_reuse", "2\n");
  write("proc/sys/net/ipv4/tcp_max_syn_backlog", "2048\n");
  write("proc/sys/net/core/somaxconn", "4096\n");
  write("proc/net/sockstat", "sockets: used 14\nTCP: inuse 1 orphan 0 tw 8 alloc 1 mem 211\n");
  write("proc/sys/net/netfilter/nf_conntrack_count", "12\n");
  write("proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
  write("proc/meminfo", "MemTotal:       24642880 kB\nMemAvailable:   1000 kB\n");
  write("proc/stat", "cpu  50 0 0 40 0 0 0 10 0 0\n");
  write("proc/loadavg", "1.50 1.20 0.90 2/345 6789\n");
  write("sys/devices/system/cpu/online", "0-2,5\n");
  write("sys/devices/system/cpu/smt/active", "1\n");
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
  write("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n");
  write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  const MachineLimits limits = read_machine_limits(root_);
  EXPECT_EQ(limits.descriptors_soft, 1024u);
  EXPECT_EQ(limits.descriptors_hard, UINT64_MAX);
  EXPECT_EQ(limits.real_time_allowed, true) << "by its capability";
  EXPECT_EQ(limits.ports, 28232u);
  EXPECT_EQ(limits.reuse_time_wait, 2);
  EXPECT_EQ(limits.time_wait, 8u);
  EXPECT_EQ(limits.syn_backlog, 2048u);
  EXPECT_EQ(limits.accept_backlog, 4096u);
  EXPECT_EQ(limits.connections_tracked, 12u);
  EXPECT_EQ(limits.connections_trackable, 65536u);
  EXPECT_EQ(limits.memory_available, 1'024'000u);
  EXPECT_EQ(limits.steal_percent, 10);
  EXPECT_EQ(limits.load, 1.5);
  EXPECT_EQ(limits.cores, 4);
  EXPECT_EQ(limits.hyperthreads, true);
  EXPECT_THAT(limits.governors, ElementsAre("performance", "powersave"));
  EXPECT_EQ(limits.clock_source, "tsc");
}

TEST_F(RecordedMachine, what_it_does_not_say_is_left_empty) {
  const MachineLimits limits = read_machine_limits(root_);
  EXPECT_FALSE(limits.descriptors_hard);
  EXPECT_FALSE(limits.ports);
  EXPECT_FALSE(limits.real_time_allowed);
  EXPECT_FALSE(limits.steal_percent);
  EXPECT_EQ(limits.cores, 1);
  write("proc/self/limits", "Max open files            many\n");
  write("proc/sys/net/ipv4/ip_local_port_range", "60999\t32768\n");
  write("proc/net/sockstat", "TCP: inuse 1 orphan 0 tw\n");
  const MachineLimits odd = read_machine_limits(root_);
  EXPECT_FALSE(odd.descriptors_soft);
  EXPECT_FALSE(odd.ports);
  EXPECT_FALSE(odd.time_wait);
}

TEST(MachineLimits, this_machine_has_some) {
  const MachineLimits limits = read_machine_limits();
  EXPECT_GT(limits.descriptors_hard.value_or(0), 100u);
  EXPECT_GT(limits.ports.value_or(0), 100u);
  EXPECT_GT(limits.memory_available.value_or(0), 10'000'000u);
  EXPECT_GT(measure_clock_cost(), 1);
}

}  // namespace
}  // namespace loadlab
