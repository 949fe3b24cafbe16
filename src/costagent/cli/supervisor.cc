#include "costagent/cli/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "base/log.h"
#include "costagent/api/listener.h"
#include "costagent/api/worker_board.h"
#include "costagent/cli/terminal.h"
#include "costagent/cli/worker_link.h"

namespace costagent {
namespace {

using base::LogLevel;

// Of what a worker said before it died, as much as a person reads.
constexpr std::size_t kLastWords = 2000;

sigset_t supervisor_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  return signals;
}

std::string last_error() { return std::generic_category().message(errno); }

std::string end_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

// The end of a child of fork: nothing but system calls, as memory is as another thread may have left it.
[[noreturn]] void become_worker(const std::array<int, 4>& descriptors, int errors, char* const* arguments,
                                pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(0);  // it died before that
  constexpr int kFree = WorkerDescriptors::kErrors + 1;
  // First out of the way, so that none is overwritten before it is copied.
  std::array<int, 4> high{};
  for (std::size_t i = 0; i < high.size(); ++i) high[i] = ::fcntl(descriptors[i], F_DUPFD_CLOEXEC, kFree);
  for (std::size_t i = 0; i < high.size(); ++i) ::dup2(high[i], WorkerDescriptors::kListener + static_cast<int>(i));
  ::dup2(errors, STDERR_FILENO);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execv("/proc/self/exe", arguments);
  constexpr std::string_view kWhy = "costagent: /proc/self/exe can't be run\n";
  static_cast<void>(!::write(STDERR_FILENO, kWhy.data(), kWhy.size()));
  ::_exit(static_cast<int>(ExitCode::could_not));
}

class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, base::UniqueFd listener, WorkerBoard board, const base::Clock& clock)
      : options_(options),
        listener_(std::move(listener)),
        board_(std::move(board)),
        clock_(clock),
        decisions_(options.supervision, clock),
        processes_(decisions_.places()) {
    const sigset_t signals = supervisor_signals();
    signals_ = base::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  ExitCode run() {
    for (;;) {
      for (const auto& order : decisions_.turn()) carry_out(order);
      if (decisions_.hopeless() && !decisions_.stopping()) give_up(*decisions_.hopeless());
      if (decisions_.over()) return code_;
      say_listening();
      wait();
      hear_signals();
      for (unsigned place = 0; place < processes_.size(); ++place) hear(place);
      bury();
    }
  }

 private:
  struct Process {
    pid_t pid = 0;
    base::UniqueFd control;
    base::UniqueFd errors;   // what it says before it serves
    std::string last_words;  // the end of that
  };

  void carry_out(const Supervision::Order& order) {
    using What = Supervision::What;
    if (order.what == What::start) return start(order.place, order.worker);
    const Process& process = processes_[order.place];
    assert(process.pid > 0);  // 0 would be the whole group
    if (order.what == What::stop) {
      board_.set_serves(order.place, false);
      ::kill(process.pid, SIGTERM);
    } else {
      base::log(LogLevel::error, "worker {} (pid {}) gives no sign of life, or doesn't end: it is killed", order.worker,
                process.pid);
      ::kill(process.pid, SIGKILL);
    }
  }

  void start(unsigned place, unsigned worker) {
    int control[2];
    int errors[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, control) != 0)
      return not_started(place, worker);
    base::UniqueFd ours(control[0]);
    const base::UniqueFd theirs(control[1]);
    if (::pipe2(errors, O_CLOEXEC) != 0) return not_started(place, worker);
    base::UniqueFd reading(errors[0]);
    const base::UniqueFd writing(errors[1]);
    ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

    std::vector<std::string> arguments = options_.arguments;
    arguments.emplace_back("--worker");
    arguments.push_back(fmt::format("{}:{}", worker, place));
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const std::array<int, 4> descriptors{listener_.get(), theirs.get(), board_.descriptor(), STDERR_FILENO};
    const pid_t parent = ::getpid();
    // Moved in before it runs, so that nobody finds it without a place.
    const WorkerInfo info{.number = worker, .started = clock_.utc(), .restarts = decisions_.restarts(worker)};
    board_.move_in(place, info);
    const pid_t pid = ::fork();
    if (pid == 0) become_worker(descriptors, writing.get(), pointers.data(), parent);
    if (pid < 0) return not_started(place, worker);
    board_.set_pid(place, pid);
    processes_[place] = Process{pid, std::move(ours), std::move(reading), {}};
    base::log(LogLevel::info, "worker {} is started as pid {}", worker, pid);
  }

  void not_started(unsigned place, unsigned worker) {
    base::log(LogLevel::error, "worker {} can't be started: {}", worker, last_error());
    ended(place, worker, "was refused a process");
  }

  void ended(unsigned place, unsigned worker, std::string how) {
    const unsigned before = decisions_.restarts(worker);
    decisions_.ended(place);
    if (decisions_.restarts(worker) != before) board_.count_restart();
    board_.move_out(place);
    last_words_ = std::move(processes_[place].last_words);
    last_end_ = std::move(how);
    processes_[place] = Process{};
  }

  void give_up(unsigned worker) {
    code_ = ExitCode::could_not;
    while (last_words_.ends_with('\n')) last_words_.pop_back();
    fmt::print(stderr, "costagent: worker {} can't be started, and is tried no more: it {}{}{}\n", worker, last_end_,
               last_words_.empty() ? "" : ", having said\n", last_words_);
    stop();
  }

  void stop() {
    decisions_.stop();
    listener_.reset();
  }

  void say_listening() {
    if (said_ || decisions_.stopping() || !decisions_.serves_whole()) return;
    said_ = true;
    std::printf("costagent listening on %s\n", url_of(listener_.get()).c_str());
    std::fflush(stdout);
  }

  void wait() {
    std::vector<pollfd> events{{signals_.get(), POLLIN, 0}};
    for (const Process& process : processes_) {
      if (process.control.is_open()) events.push_back({process.control.get(), POLLIN, 0});
      if (process.errors.is_open()) events.push_back({process.errors.get(), POLLIN, 0});
    }
    ::poll(events.data(), events.size(), static_cast<int>(Supervision::kTurn.count()));
  }

  void hear_signals() {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGHUP && !decisions_.stopping()) {
        base::log(LogLevel::info, "SIGHUP: the workers are replaced, one after the other");
        decisions_.roll();
      } else if ((signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT) && !decisions_.stopping()) {
        base::log(LogLevel::info, "stopping: requests in flight are being answered");
        stop();
      }
    }
  }

  void hear(unsigned place) {
    Process& process = processes_[place];
    if (process.errors.is_open()) read_errors(process);
    if (!process.control.is_open()) return;
    char words[64];
    ssize_t size = 0;
    while ((size = ::read(process.control.get(), words, sizeof words)) > 0) {
      decisions_.gave_sign(place);
      for (const char word : std::string_view(words, static_cast<std::size_t>(size))) {
        if (word == WorkerWords::kServes) {
          decisions_.serves(place);
          board_.set_serves(place, !decisions_.stopping());
        } else if (word == WorkerWords::kStops) {
          decisions_.stops_by_itself(place);
          board_.set_serves(place, false);
        }
      }
    }
    if (size == 0) process.control.reset();  // its end is next
  }

  // Hands on what a worker says before it serves, and keeps the end of it.
  static void read_errors(Process& process) {
    char block[4096];
    ssize_t size = 0;
    while ((size = ::read(process.errors.get(), block, sizeof block)) > 0) {
      const auto length = static_cast<std::size_t>(size);
      std::fwrite(block, 1, length, stderr);
      process.last_words.append(block, length);
      if (process.last_words.size() > kLastWords) process.last_words.erase(0, process.last_words.size() - kLastWords);
    }
    if (size == 0) process.errors.reset();
  }

  void bury() {
    int status = 0;
    // Any child: as a container's first process it inherits those that others left behind.
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto found = std::find_if(processes_.begin(), processes_.end(),
                                      [&](const Process& process) { return process.pid == pid; });
      if (found == processes_.end()) continue;
      const auto place = static_cast<unsigned>(found - processes_.begin());
      hear(place);
      const bool wanted = decisions_.phase(place) == Supervision::Phase::stopping;
      base::log(wanted ? LogLevel::info : LogLevel::error, "worker {} (pid {}) {}", decisions_.worker(place), pid,
                end_of(status));
      ended(place, decisions_.worker(place), end_of(status));
    }
  }

  const SupervisorOptions& options_;
  base::UniqueFd listener_;  // closed when all stop, or callers would wait there for nobody
  WorkerBoard board_;
  const base::Clock& clock_;
  Supervision decisions_;
  std::vector<Process> processes_;  // by place
  base::UniqueFd signals_;
  std::string last_end_;  // of the last one that ended: how, and what it had said
  std::string last_words_;
  ExitCode code_ = ExitCode::done;
  bool said_ = false;
};

}  // namespace

void block_supervisor_signals() {
  const sigset_t signals = supervisor_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

ExitCode supervise(const SupervisorOptions& options, base::UniqueFd listener, const base::Clock& clock) {
  auto board = WorkerBoard::create(options.supervision.workers + 1);
  if (!board) return refuse(board.error());
  base::set_log_name("supervisor");
  // Whoever reads the log may go; the workers must not for that.
  ::signal(SIGPIPE, SIG_IGN);
  return Supervisor(options, std::move(listener), std::move(*board), clock).run();
}

}  // namespace costagent
