#include "loadlab/probe/machine_probe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "loadlab/probe/cgroup_probe.h"
#include "loadlab/probe/reading_test.h"

namespace loadlab {
namespace {

namespace fs = std::filesystem;

// A folder of files as a kernel would show them, written by the test.
class RecordedTree : public ::testing::Test {
 protected:
  RecordedTree()
      : root_(fs::path(::testing::TempDir()) /
              fmt::format("tree_{}_{}", ::getpid(), ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(root_);
  }
  ~RecordedTree() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  fs::path root_;
};

using RecordedMachineProbe = RecordedTree;
using RecordedCgroup = RecordedTree;

TEST_F(RecordedMachineProbe, cores_are_read_together_and_apart) {
  write("proc/stat",
        "cpu  300 100 200 5000 70 10 20 40 0 0\ncpu0 100 0 0 2500 0 0 0 40 0 0\n"
        "cpu1 200 100 200 2500 70 10 20 0 0 0\nintr 1\n");
  MachineProbe probe(root_);
  const Reading first = read(probe);
  // Ticks of 10 ms, of two cores: percent x seconds of the whole machine.
  EXPECT_DOUBLE_EQ(value_of(first, "cpu"), 50 * 6.3);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu_user"), 50 * 4.0);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu_system"), 50 * 2.3);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu_wait"), 50 * 0.7);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu_steal"), 50 * 0.4);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu", "core 0"), 100);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu_steal", "core 0"), 40);
  EXPECT_DOUBLE_EQ(value_of(first, "cpu", "core 1"), 530);
  write("proc/stat", "cpu  0 0 0 0 0 0 0 0\ncpu0 150 0 0 0 0 0 0 0\ncpu1 220 100 200 0 0 10 20 0\n");
  EXPECT_DOUBLE_EQ(value_of(read(probe), "busiest_core"), 50) << "half a second of core 0, against 0.2 of core 1";
}

TEST_F(RecordedMachineProbe, memory_disks_network_and_pressure_are_read) {
  write("proc/stat", "cpu 1 1 1 1 1 1 1 1\ncpu0 1 1 1 1 1 1 1 1\n");
  write("proc/meminfo",
        "MemTotal:       8000000 kB\nMemFree: 1 kB\nMemAvailable:   3000000 kB\nSwapTotal: 5000 kB\n"
        "SwapFree: 4000 kB\n");
  write("proc/loadavg", "3.25 1.00 0.50 2/300 4242\n");
  write("proc/diskstats",
        "   7 0 loop0 9 9 9999 9 9 9 9999 9 9 9 9\n 254 0 vda 10 0 2000 5 20 0 4000 9 0 1500 11 0 0\n"
        " 254 1 vda1 10 0 2000 5 20 0 4000 9 0 1500 11 0 0\n");
  write("sys/block/vda/size", "1\n");
  write("sys/block/loop0/size", "1\n");
  write("proc/net/dev",
        "Inter-|   Receive\n face |bytes\n    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n"
        "  eth0: 3000000 1 0 0 0 0 0 0 5000000 1 0 0 0 0 0 0\n");
  write("proc/pressure/cpu", "some avg10=1.00 avg60=1.00 avg300=1.00 total=2500000\nfull avg10=0 total=0\n");
  MachineProbe probe(root_);
  const Reading reading = read(probe);
  EXPECT_DOUBLE_EQ(value_of(reading, "memory_used"), 5120);
  EXPECT_DOUBLE_EQ(value_of(reading, "memory_available"), 3072);
  EXPECT_DOUBLE_EQ(value_of(reading, "swap_used"), 1.024);
  EXPECT_DOUBLE_EQ(value_of(reading, "load"), 3.25);
  EXPECT_DOUBLE_EQ(value_of(reading, "disk_read"), 1.024) << "neither loops nor partitions beside their disk";
  EXPECT_DOUBLE_EQ(value_of(reading, "disk_written"), 2.048);
  EXPECT_DOUBLE_EQ(value_of(reading, "network_received"), 3);
  EXPECT_DOUBLE_EQ(value_of(reading, "network_sent"), 5);
  EXPECT_DOUBLE_EQ(value_of(reading, "pressure_cpu"), 250);
  EXPECT_TRUE(std::isnan(value_of(reading, "pressure_io"))) << "this kernel doesn't say";
}

TEST_F(RecordedMachineProbe, sockets_are_counted_and_what_they_lost) {
  write("proc/stat", "cpu 1 1 1 1 1 1 1 1\ncpu0 1 1 1 1 1 1 1 1\n");
  write("proc/net/snmp", "Ip: Forwarding\nIp: 1\nTcp: ActiveOpens CurrEstab RetransSegs\nTcp: 5 40 7\n");
  write("proc/net/netstat", "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 8 9\n");
  write("proc/net/sockstat", "sockets: used 22\nTCP: inuse 100 orphan 0 tw 900 alloc 6 mem 196\n");
  write("proc/sys/net/ipv4/ip_local_port_range", "10001\t20000\n");
  MachineProbe probe(root_);
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "retransmits"), 7);
  EXPECT_EQ(value_of(reading, "sockets_established"), 40);
  EXPECT_EQ(value_of(reading, "listen_overflows"), 8);
  EXPECT_EQ(value_of(reading, "listen_drops"), 9);
  EXPECT_EQ(value_of(reading, "sockets_time_wait"), 900);
  EXPECT_DOUBLE_EQ(value_of(reading, "ports_used"), 10);
}

TEST_F(RecordedMachineProbe, a_machine_without_proc_is_a_failure) {
  MachineProbe probe(root_);
  Reading reading("machine");
  EXPECT_FALSE(probe.read(reading));
}

TEST(MachineProbe, reads_this_machine) {
  MachineProbe probe;
  const Reading first = read(probe);
  EXPECT_GT(value_of(first, "cpu"), 0);
  EXPECT_GT(value_of(first, "memory_used"), 0);
  const Reading second = read(probe);
  EXPECT_GE(value_of(second, "cpu"), value_of(first, "cpu"));
  EXPECT_GE(value_of(second, "busiest_core"), 0);
}

TEST_F(RecordedCgroup, is_read_with_its_limits_and_throttling) {
  write("cpu.stat",
        "usage_usec 8000000\nuser_usec 6000000\nsystem_usec 2000000\nnr_periods 50\nnr_throttled 20\n"
        "throttled_usec 400000\n");
  write("cpu.max", "50000 100000\n");
  write("memory.current", "300000000\n");
  write("memory.max", "512000000\n");
  write("memory.stat", "anon 250000000\nfile 40000000\n");
  write("memory.events", "low 0\nhigh 3\nmax 1\noom 1\noom_kill 2\n");
  write("io.stat", "254:0 rbytes=1000000 wbytes=2000000 rios=1 wios=2\n254:16 rbytes=1000000 wbytes=0\n");
  write("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull total=5\n");
  write("pids.current", "12\n");
  CgroupProbe probe(root_, 4);
  const Reading reading = read(probe);
  EXPECT_DOUBLE_EQ(value_of(reading, "cpu"), 200) << "8 s on one of four cores";
  EXPECT_DOUBLE_EQ(value_of(reading, "cpu_user"), 150);
  EXPECT_DOUBLE_EQ(value_of(reading, "cpu_system"), 50);
  EXPECT_DOUBLE_EQ(value_of(reading, "cpu_limit"), 12.5);
  EXPECT_DOUBLE_EQ(value_of(reading, "throttled"), 10);
  EXPECT_EQ(value_of(reading, "throttled_periods"), 20);
  EXPECT_EQ(value_of(reading, "memory"), 300);
  EXPECT_EQ(value_of(reading, "memory_limit"), 512);
  EXPECT_EQ(value_of(reading, "memory_anonymous"), 250);
  EXPECT_EQ(value_of(reading, "memory_high_events"), 3);
  EXPECT_EQ(value_of(reading, "out_of_memory_kills"), 2);
  EXPECT_EQ(value_of(reading, "disk_read"), 2);
  EXPECT_EQ(value_of(reading, "disk_written"), 2);
  EXPECT_DOUBLE_EQ(value_of(reading, "pressure_memory"), 100);
  EXPECT_TRUE(std::isnan(value_of(reading, "pressure_io")));
  EXPECT_EQ(value_of(reading, "processes"), 12);
}

TEST_F(RecordedCgroup, without_limits_has_none_to_show) {
  write("cpu.stat", "usage_usec 1\n");
  write("cpu.max", "max 100000\n");
  write("memory.max", "max\n");
  CgroupProbe probe(root_, 1);
  const Reading reading = read(probe);
  EXPECT_TRUE(std::isnan(value_of(reading, "cpu_limit")));
  EXPECT_TRUE(std::isnan(value_of(reading, "memory_limit")));
}

TEST_F(RecordedCgroup, another_folder_is_a_failure_that_says_so) {
  CgroupProbe probe(root_ / "gone", 1);
  Reading reading("cgroup");
  EXPECT_EQ(probe.read(reading).error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace loadlab
