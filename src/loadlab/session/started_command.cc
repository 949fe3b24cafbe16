#include "loadlab/session/started_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "loadlab/plan/watch.h"
#include "loadlab/probe/socket_table.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

constexpr Nanoseconds kPatienceToListen = std::chrono::seconds(10);
constexpr Nanoseconds kPatienceToEnd = std::chrono::seconds(5);
// As many as a plan may watch; what is beyond is only not ended by a second Ctrl-C.
std::array<std::atomic<pid_t>, kMostWatched> groups{};
static_assert(std::atomic<pid_t>::is_always_lock_free, "a signal handler reads them");
constexpr auto kBetweenLooks = std::chrono::milliseconds(10);

bool somebody_listens(SocketTable& table, std::uint16_t port) {
  const auto listeners = table.listeners();
  return listeners && std::any_of(listeners->begin(), listeners->end(),
                                  [&](const ListeningSocket& one) { return one.port == port; });
}

// Looks every few milliseconds, until it is so or time is over.
template <class Condition>
bool wait_until(Nanoseconds patience, Condition condition) {
  const Nanoseconds end = base::SystemClock::monotonic_now() + patience;
  while (!condition()) {
    if (base::SystemClock::monotonic_now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

base::Result<pid_t> spawn(const std::string& command) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t usual;  // loadlab itself ignores it
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::string shell = "sh";
  std::string option = "-c";
  // A plain command takes the shell's place, so that it is what is watched; `A=1 command` and `a; b` are the shell's.
  const bool is_plain = command.find_first_of("=;&|<>()\n") == std::string::npos;
  std::string text = is_plain ? "exec " + command : command;
  char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    return base::fail(ErrorKind::unavailable, "the command '{}' can't be started: {}", command, std::strerror(error));
  return pid;
}

}  // namespace

base::Result<StartedCommand> StartedCommand::start(const std::string& command, std::optional<std::uint16_t> port) {
  auto table = SocketTable::open();
  if (port && table && somebody_listens(*table, *port)) {
    return base::fail(ErrorKind::unavailable,
                      "the command '{}' was not started: another process listens on port {} already", command, *port);
  }
  const auto pid = spawn(command);
  if (!pid) return base::pass_on(pid);
  StartedCommand started(*pid);
  if (!port || !table) return started;
  bool ended = false;
  wait_until(kPatienceToListen, [&] { return (ended = started.has_ended()) || somebody_listens(*table, *port); });
  if (ended) return base::fail(ErrorKind::unavailable, "the command '{}' ended before it listened", command);
  return started;
}

StartedCommand::StartedCommand(pid_t group) : group_(group) {
  for (auto& place : groups) {
    pid_t none = 0;
    if (place.compare_exchange_strong(none, group)) return;
  }
}

StartedCommand::StartedCommand(StartedCommand&& other) noexcept
    : group_(std::exchange(other.group_, 0)), ended_(other.ended_) {}

bool StartedCommand::has_ended() {
  if (!ended_ && ::waitpid(group_, nullptr, WNOHANG) != 0) ended_ = true;
  return ended_;
}

bool StartedCommand::is_group_left() {
  has_ended();  // what has ended and is not waited for would still count
  return ::kill(-group_, 0) == 0;
}

StartedCommand::~StartedCommand() {
  if (group_ == 0) return;
  ::kill(-group_, SIGTERM);
  if (!wait_until(kPatienceToEnd, [this] { return !is_group_left(); })) ::kill(-group_, SIGKILL);
  if (!ended_) ::waitpid(group_, nullptr, 0);
  for (auto& place : groups) {
    pid_t own = group_;
    place.compare_exchange_strong(own, 0);
  }
}

void StartedCommand::kill_all() noexcept {
  for (const auto& place : groups) {
    const pid_t group = place.load();
    if (group > 0) ::kill(-group, SIGKILL);
  }
}

}  // namespace loadlab
