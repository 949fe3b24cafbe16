#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "loadlab/probe/listener.h"
#include "loadlab/probe/machine.h"
#include "loadlab/probe/process_probe.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

TEST(ProcessProbe, sees_cpu_time_that_was_burnt) {
  const base::SystemClock clock;
  const auto probe = ProcessProbe::open(::getpid()).value();
  const auto before = probe.read(clock).value();
  const auto burnt_until = base::SystemClock::thread_cpu_now() + 100ms;
  while (base::SystemClock::thread_cpu_now() < burnt_until) {
  }
  const auto after = probe.read(clock).value();
  EXPECT_GE(after.cpu - before.cpu, 100ms);
  EXPECT_LT(after.cpu - before.cpu, 150ms) << "this process has no other thread at work";
  EXPECT_GT(after.at, before.at);
}

TEST(ProcessProbe, sees_memory_and_descriptors_grow) {
  const base::SystemClock clock;
  const auto probe = ProcessProbe::open(::getpid()).value();
  const auto before = probe.read(clock).value();
  std::vector<char> block(64 << 20);
  std::memset(block.data(), 1, block.size());
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const auto after = probe.read(clock).value();
  const auto grown = static_cast<double>(after.memory_bytes - before.memory_bytes);
  EXPECT_GT(grown, 60 << 20);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // they keep notes on each byte
  EXPECT_LT(grown, 68 << 20);
#endif
  EXPECT_EQ(after.descriptors - before.descriptors, 2);
  EXPECT_GE(after.threads, 1);
  EXPECT_EQ(block[12345], 1);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(ProcessProbe, says_when_the_process_has_ended) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  const base::SystemClock clock;
  const auto probe = ProcessProbe::open(child).value();
  EXPECT_TRUE(probe.read(clock));
  ::kill(child, SIGKILL);
  // Not yet waited for, it still has an entry in /proc; it has ended all the same.
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(probe.read(clock).error().kind, base::ErrorKind::not_found);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(probe.read(clock).error().kind, base::ErrorKind::not_found);
  EXPECT_FALSE(ProcessProbe::open(child));
}

TEST(ListeningProcess, finds_who_listens) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_EQ(listening_process(port).error().kind, base::ErrorKind::not_found) << "bound, but not listening yet";
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(listening_process(port).value(), ::getpid());
  ::close(listener);
}

TEST(Machine, knows_its_cores_and_memory) {
  const Machine machine = this_machine();
  EXPECT_GE(machine.cores, 1);
  EXPECT_GT(machine.memory_mb, 100);
  EXPECT_FALSE(machine.kernel.empty());
  EXPECT_FALSE(machine.host.empty());
}

}  // namespace
}  // namespace loadlab
