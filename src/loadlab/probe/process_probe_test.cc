#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <vector>

#include "loadlab/probe/machine.h"
#include "loadlab/probe/process_finder.h"
#include "loadlab/probe/process_probe.h"
#include "loadlab/probe/reading_test.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

void burn(base::Nanoseconds time) {
  const auto until = base::SystemClock::thread_cpu_now() + time;
  while (base::SystemClock::thread_cpu_now() < until) {
  }
}

int listening_socket(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return listener;
}

int connected_socket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// A child that waits to be told, byte by byte, when to go on.
class Child {
 public:
  explicit Child(void (*work)(int told)) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    tell_ = ends[1];
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[1]);
      work(ends[0]);
      ::_exit(0);
    }
    ::close(ends[0]);
  }
  ~Child() {
    if (!waited_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(tell_);
  }
  void tell() const { EXPECT_EQ(::write(tell_, "x", 1), 1); }
  void wait() {
    ::waitpid(pid_, nullptr, 0);
    waited_ = true;
  }
  pid_t pid() const { return pid_; }

 private:
  int tell_ = -1;
  pid_t pid_ = 0;
  bool waited_ = false;
};

void await(int told) {
  char byte = 0;
  if (::read(told, &byte, 1) < 1) ::_exit(1);
}

TEST(ProcessProbe, sees_cpu_time_that_was_burnt) {
  ProcessProbe probe({process_with_number(::getpid())}, 1);
  const Reading first = read(probe);
  EXPECT_TRUE(std::isnan(value_of(first, "busiest_thread"))) << "of no time yet";
  burn(100ms);
  const double burnt = value_of(read(probe), "cpu") - value_of(first, "cpu");
  EXPECT_GE(burnt, 10) << "percent x seconds";
  EXPECT_LT(burnt, 15) << "this process has no other thread at work";
}

TEST(ProcessProbe, the_busiest_thread_is_the_one_that_works) {
  ProcessProbe probe({process_with_number(::getpid())}, 1);
  double busiest = kGap;
  // As threads are read as seldom as keeps the probe cheap, until they are.
  for (read(probe); std::isnan(busiest); busiest = value_of(read(probe), "busiest_thread")) burn(100ms);
  // The kernel brings a thread's time up to date with its ticks, of up to 10 ms.
  EXPECT_GE(busiest, 80) << "this one";
  EXPECT_LE(busiest, 120);
}

TEST(ProcessProbe, cpu_is_of_the_whole_machine) {
  ProcessProbe probe({process_with_number(::getpid())}, 4);
  const double before = value_of(read(probe), "cpu");
  burn(100ms);
  EXPECT_LT(value_of(read(probe), "cpu") - before, 4);
}

TEST(ProcessProbe, sees_memory_and_descriptors_grow) {
  ProcessProbe probe({process_with_number(::getpid())}, 1);
  const Reading first = read(probe);  // the probe's own descriptor is open from then on
  const Reading before = read(probe);
  std::vector<char> block(64 << 20);
  std::memset(block.data(), 1, block.size());
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const Reading after = read(probe);
  const double grown = value_of(after, "memory") - value_of(before, "memory");
  EXPECT_GT(grown, 63);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // they keep notes on each byte
  EXPECT_LT(grown, 71);
#endif
  EXPECT_EQ(value_of(after, "descriptors") - value_of(before, "descriptors"), 2);
  EXPECT_GE(value_of(after, "threads"), 1);
  EXPECT_GT(value_of(after, "page_faults"), value_of(before, "page_faults"));
  EXPECT_GT(value_of(first, "pss"), 0);
  EXPECT_TRUE(std::isnan(value_of(after, "pss"))) << "every 30 s";
  EXPECT_EQ(block[12345], 1);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(ProcessProbe, counts_the_sockets_of_its_ports_by_state) {
  std::uint16_t port = 0;
  const int listener = listening_socket(port);
  ASSERT_EQ(::listen(listener, 5), 0);
  std::vector<int> open = {listener};
  for (int i = 0; i < 3; ++i) open.push_back(connected_socket(port));
  open.push_back(::accept(listener, nullptr, nullptr));
  const int leaving = connected_socket(port);
  ::close(leaving);
  ProcessProbe probe({process_with_number(::getpid())}, 1);
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "sockets_established"), 3);
  EXPECT_EQ(value_of(reading, "sockets_close_wait"), 1);
  EXPECT_EQ(value_of(reading, "accept_queue"), 3) << "of four, one was accepted";
  EXPECT_EQ(value_of(reading, "accept_queue_limit"), 5);
  for (const int fd : open) ::close(fd);
}

TEST(ProcessProbe, connections_that_it_has_closed_are_the_kernels) {
  std::uint16_t port = 0;
  const int listener = listening_socket(port);
  ASSERT_EQ(::listen(listener, 5), 0);
  const int half_closed = connected_socket(port);
  ::close(::accept(listener, nullptr, nullptr));  // waits for the client to close, too
  const int client = connected_socket(port);
  ::close(::accept(listener, nullptr, nullptr));
  ::close(client);  // waits for late packets
  ProcessProbe probe({process_with_number(::getpid())}, 1);
  const Reading reading = read(probe);
  EXPECT_EQ(value_of(reading, "sockets_other"), 0);
  EXPECT_EQ(value_of(reading, "sockets_established"), 0);
  ::close(half_closed);
  ::close(listener);
}

TEST(ProcessProbe, a_new_worker_is_seen_together_and_apart_and_counted_on_when_it_has_gone) {
  Child parent([](int told) {
    await(told);
    const pid_t worker = ::fork();
    if (worker == 0) {
      burn(100ms);
      await(told);
      ::_exit(0);
    }
    ::waitpid(worker, nullptr, 0);
    await(told);
  });
  ProcessProbe probe({process_with_number(parent.pid())}, 1);
  const Reading before = read(probe);
  EXPECT_EQ(value_of(before, "processes"), 1);
  EXPECT_EQ(before.parts().size(), 1u) << "a process alone is no part of itself";
  parent.tell();
  Reading with_worker = read(probe);
  while (value_of(with_worker, "cpu") < 10) with_worker = read(probe);
  EXPECT_EQ(value_of(with_worker, "processes"), 2);
  ASSERT_EQ(with_worker.parts().size(), 3u);
  EXPECT_EQ(with_worker.parts()[1].name, fmt::format("worker {}", parent.pid()));
  EXPECT_GE(value_of(with_worker, "cpu", with_worker.parts()[2].name), 6) << "all but what the fork took";
  EXPECT_LT(value_of(with_worker, "cpu", with_worker.parts()[1].name), 5);
  parent.tell();
  Reading after = read(probe);
  while (value_of(after, "processes") > 1) after = read(probe);
  EXPECT_GE(value_of(after, "cpu"), 10);
  EXPECT_LT(value_of(after, "cpu"), 16) << "not counted again with its parent";
  parent.tell();
}

TEST(ProcessProbe, says_when_the_process_has_ended) {
  Child child([](int told) { await(told); });
  ProcessProbe probe({process_with_number(child.pid())}, 1);
  EXPECT_EQ(probe.label(), fmt::format("loadlab_probe_t (pid {})", child.pid()));
  read(probe);
  child.tell();
  // Not yet waited for, it still has an entry in /proc; it has ended all the same.
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
  Reading none("process");
  const auto ended = probe.read(none);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, fmt::format("process {} has ended", child.pid()));
  child.wait();
  EXPECT_FALSE(probe.read(none));
  ProcessProbe late({process_with_number(child.pid())}, 1);
  EXPECT_EQ(late.label(), "");
  EXPECT_EQ(late.read(none).error().kind, base::ErrorKind::not_found);
}

TEST(ProcessProbe, one_that_was_started_again_is_found_and_counted_on) {
  Child first([](int told) { await(told); });
  Child second([](int told) {
    await(told);
    burn(20ms);
    await(told);
  });
  pid_t running = first.pid();
  ProcessProbe probe({[&running] { return process_with_number(running)(); }}, 1);
  const double before = value_of(read(probe), "cpu");
  first.tell();
  first.wait();
  Reading none("process");
  EXPECT_FALSE(probe.read(none));
  running = second.pid();
  EXPECT_EQ(value_of(read(probe), "processes"), 1);
  second.tell();
  while (value_of(read(probe), "cpu") < before + 2) {
  }
  second.tell();
}

TEST(ProcessFinder, finds_who_listens) {
  std::uint16_t port = 0;
  const int listener = listening_socket(port);
  const ProcessFinder find = processes_listening_on(port);
  EXPECT_EQ(find().error().kind, base::ErrorKind::not_found) << "bound, but not listening yet";
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(find().value(), std::vector<pid_t>{::getpid()});
  const Child child([](int told) { await(told); });
  EXPECT_EQ(find().value(), std::vector<pid_t>{::getpid()}) << "a child that holds it too belongs to its parent";
  ::close(listener);
}

TEST(ProcessFinder, finds_by_name_but_never_itself) {
  Child child([](int told) {
    ::prctl(PR_SET_NAME, "probed by name");
    await(told);
  });
  const ProcessFinder find = processes_named("probed by name");
  auto found = find();
  while (!found) found = find();
  EXPECT_EQ(*found, std::vector<pid_t>{child.pid()});
  EXPECT_EQ(processes_named("no such program")().error().kind, base::ErrorKind::not_found);
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
