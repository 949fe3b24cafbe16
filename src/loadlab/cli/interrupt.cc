#include "loadlab/cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include "loadlab/session/started_command.h"

namespace loadlab {
namespace {

constexpr int kEndedBySignal = 130;

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "it is set from a signal handler");

void on_signal(int) {
  if (!interrupted.exchange(true)) return;
  StartedCommand::kill_all();
  ::_exit(kEndedBySignal);
}

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGHUP, &action, nullptr);
  // Who reads our output may go away; the write then fails, and is told.
  ::signal(SIGPIPE, SIG_IGN);
  return interrupted;
}

}  // namespace loadlab
