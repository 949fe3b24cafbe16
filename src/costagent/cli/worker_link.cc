#include "costagent/cli/worker_link.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "base/log.h"

namespace costagent {
namespace {

constexpr std::chrono::milliseconds kSignEvery{1000};

bool read_name(const std::string& name, unsigned& number, unsigned& place) {
  const char* const end = name.data() + name.size();
  const auto first = std::from_chars(name.data(), end, number);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return false;
  const auto second = std::from_chars(first.ptr + 1, end, place);
  return second.ec == std::errc() && second.ptr == end;
}

// True once the supervisor has gone: it says nothing, so that the end of its socket is all there can be to read.
bool is_alone() {
  char byte = 0;
  return ::recv(WorkerDescriptors::kControl, &byte, 1, MSG_DONTWAIT) == 0;
}

}  // namespace

base::Result<WorkerLink> WorkerLink::join(const std::string& name) {
  unsigned number = 0;
  unsigned place = 0;
  const auto refused = base::fail(base::ErrorKind::invalid, "--worker is for the workers that costagent starts itself");
  int type = 0;
  socklen_t size = sizeof type;
  if (!read_name(name, number, place) ||
      ::getsockopt(WorkerDescriptors::kControl, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    return refused;
  }
  auto board = WorkerBoard::join(base::UniqueFd(::fcntl(WorkerDescriptors::kBoard, F_DUPFD_CLOEXEC, 0)));
  if (!board || place >= board->places()) return refused;
  for (const int inherited : {WorkerDescriptors::kListener, WorkerDescriptors::kControl, WorkerDescriptors::kBoard,
                              WorkerDescriptors::kErrors}) {
    ::fcntl(inherited, F_SETFD, FD_CLOEXEC);
  }
  // Should the supervisor be killed. The kernel forgets it when a program with capabilities is run, and the end of the
  // control socket says the same.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Ctrl-C and the end of a terminal reach every process of the group; it is the supervisor who acts on them.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  base::set_log_name(fmt::format("worker {}", number));
  return WorkerLink(number, place, std::move(*board));
}

void WorkerLink::say(char word) const {
  // A supervisor that doesn't read is asleep or gone; neither is this worker's to mend.
  static_cast<void>(::send(WorkerDescriptors::kControl, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void WorkerLink::tell_serving() {
  ::dup2(WorkerDescriptors::kErrors, STDERR_FILENO);
  ::close(WorkerDescriptors::kErrors);
  ::close(WorkerDescriptors::kListener);
  say(WorkerWords::kServes);
}

void WorkerLink::await_stop(const std::function<bool()>& lives, std::chrono::seconds bound) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  const base::UniqueFd signals(::signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK));
  pollfd events[] = {{signals.get(), POLLIN, 0}, {WorkerDescriptors::kControl, POLLIN, 0}};
  for (;;) {
    if (lives()) say(WorkerWords::kSign);
    ::poll(events, std::size(events), static_cast<int>(kSignEvery.count()));
    signalfd_siginfo signal{};
    const bool told = ::read(signals.get(), &signal, sizeof signal) == sizeof signal;
    if (!told && !is_alone()) continue;
    if (is_alone()) base::log(base::LogLevel::warn, "the supervisor is gone");
    break;
  }
  say(WorkerWords::kStops);
  // The last resort of a worker that hangs and has nobody to kill it: the signal's default is the end.
  ::alarm(static_cast<unsigned>(bound.count()));
}

}  // namespace costagent
