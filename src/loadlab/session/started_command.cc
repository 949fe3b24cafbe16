#include "loadlab/session/started_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "loadlab/probe/socket_table.h"
#include "loadlab/session/group_keeper.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

constexpr Nanoseconds kPatienceToListen = std::chrono::seconds(10);
constexpr Nanoseconds kPatienceToEnd = std::chrono::seconds(5);
// As many as a plan may watch, and start around a suite and a test; what is beyond ends a moment after a second Ctrl-C,
// by the keeper.
std::array<std::atomic<pid_t>, 256> groups{};
static_assert(std::atomic<pid_t>::is_always_lock_free, "a signal handler reads them");
// What a shell does itself: it can't take the shell's place. All words of POSIX's shell that need not be there as
// programs, and those of bash, where that is sh.
constexpr auto kBuiltins = std::to_array<std::string_view>(
    {"!",     "{",        "}",        "[[",     "case",    "do",      "done",  "elif",    "else",
     "esac",  "fi",       "for",      "if",     "in",      "then",    "until", "while",   "select",
     "time",  "function", ".",        ":",      "alias",   "bg",      "break", "builtin", "cd",
     "chdir", "command",  "continue", "coproc", "declare", "eval",    "exec",  "exit",    "export",
     "fc",    "fg",       "getopts",  "hash",   "jobs",    "kill",    "let",   "local",   "popd",
     "pushd", "read",     "readonly", "return", "set",     "shift",   "shopt", "source",  "times",
     "trap",  "type",     "typeset",  "ulimit", "umask",   "unalias", "unset", "wait"});
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

// The environment of a command, as posix_spawn takes it. Of a name that comes twice the first counts, so that what a
// place says wins over loadlab's own.
class Environment {
 public:
  explicit Environment(const std::vector<std::string>& more) : more_(more) {
    for (std::string& one : more_) all_.push_back(one.data());
    for (char** one = environ; *one != nullptr; ++one) {
      if (!is_said(*one)) all_.push_back(*one);
    }
    all_.push_back(nullptr);
  }

  char** get() { return all_.data(); }

 private:
  bool is_said(std::string_view inherited) const {
    const std::string_view name = inherited.substr(0, inherited.find('=') + 1);
    return std::any_of(more_.begin(), more_.end(), [&](const std::string& one) { return one.starts_with(name); });
  }

  std::vector<std::string> more_;
  std::vector<char*> all_;
};

// A plain command takes the shell's place, so that it is what is watched; `A=1 command`, `a; b` and what the shell does
// itself (`cd`) are the shell's.
std::string text_for_shell(const std::string& command) {
  constexpr const char* kBlanks = " \t";
  const bool is_plain = command.find_first_of("=;&|<>()\n") == std::string::npos;
  const std::size_t begin = std::min(command.find_first_not_of(kBlanks), command.size());
  const std::string first = command.substr(begin, command.find_first_of(kBlanks, begin) - begin);
  const bool is_builtin = std::find(kBuiltins.begin(), kBuiltins.end(), first) != kBuiltins.end();
  return is_plain && !is_builtin ? "exec " + command : command;
}

base::Result<pid_t> spawn(const std::string& command, const CommandPlace& place, const GroupKeeper& keeper) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!place.log.empty()) {
    constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, place.log.c_str(), kAppend, 0600);
  }
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, keeper.fd(), GroupKeeper::kTold);
  if (!place.folder.empty()) posix_spawn_file_actions_addchdir_np(&files, place.folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t usual;  // loadlab itself ignores it
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGXFSZ);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::vector<std::string> words = GroupKeeper::kept(text_for_shell(command));
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Environment environment(place.environment);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments.data(), environment.get());
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
  auto started = start(command, CommandPlace());
  if (!started || !port || !table) return started;
  bool ended = false;
  wait_until(kPatienceToListen, [&] { return (ended = started->has_ended()) || somebody_listens(*table, *port); });
  if (ended) return base::fail(ErrorKind::unavailable, "the command '{}' ended before it listened", command);
  return started;
}

base::Result<StartedCommand> StartedCommand::start(const std::string& command, const CommandPlace& place) {
  const auto keeper = GroupKeeper::of_program();
  if (!keeper) return base::pass_on(keeper);
  const auto spawned = spawn(command, place, **keeper);
  if (!spawned) return base::pass_on(spawned);
  return StartedCommand(*spawned);
}

StartedCommand::StartedCommand(pid_t pid) : pid_(pid) {
  for (auto& one : groups) {
    pid_t none = 0;
    if (one.compare_exchange_strong(none, pid)) return;
  }
}

StartedCommand::StartedCommand(StartedCommand&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), ended_(other.ended_), status_(other.status_) {}

bool StartedCommand::has_ended() {
  if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) != 0) ended_ = true;
  return ended_;
}

std::string StartedCommand::ending() const {
  if (!ended_) return "runs";
  if (WIFSIGNALED(status_))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status_), ::strsignal(WTERMSIG(status_)));
  return fmt::format("exited with {}", WEXITSTATUS(status_));
}

std::optional<int> StartedCommand::exit_code() const {
  return ended_ && WIFEXITED(status_) ? std::optional(WEXITSTATUS(status_)) : std::nullopt;
}

bool StartedCommand::is_group_left() {
  has_ended();  // what has ended and is not waited for would still count
  return ::kill(-pid_, 0) == 0;
}

void StartedCommand::stop() {
  if (pid_ == 0) return;
  if (is_group_left()) {
    ::kill(-pid_, SIGTERM);
    if (!wait_until(kPatienceToEnd, [this] { return !is_group_left(); })) ::kill(-pid_, SIGKILL);
  }
  if (!ended_) {
    ::waitpid(pid_, &status_, 0);
    ended_ = true;
  }
  if (const auto keeper = GroupKeeper::of_program()) (*keeper)->forget(pid_);
  for (auto& one : groups) {
    pid_t own = pid_;
    one.compare_exchange_strong(own, 0);
  }
  pid_ = 0;
}

StartedCommand::~StartedCommand() { stop(); }

void StartedCommand::kill_all() noexcept {
  for (const auto& place : groups) {
    const pid_t group = place.load();
    if (group > 0) ::kill(-group, SIGKILL);
  }
}

}  // namespace loadlab
