// Runs the workers of `costagent serve`: processes that accept from one listening socket.
//
// Workers are new processes of this same program file (/proc/self/exe), not forks that go on: the supervisor may have
// opened a database or anything else whose state must not be had by two processes, and a worker then begins as any
// process does. It is the same file even when another one was put in its place meanwhile, so that the supervisor and
// its workers speak one language.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "costagent/cli/exit_code.h"
#include "costagent/cli/supervision.h"

namespace costagent {

struct SupervisorOptions {
  SupervisionOptions supervision;
  // The command line of this process. A worker's has `--worker NUMBER:PLACE` at its end (see worker_link.h).
  std::vector<std::string> arguments;
};

// Starts the workers, prints `costagent listening on URL` once all serve, and stays until they have ended. SIGTERM and
// SIGINT stop all; SIGHUP replaces one after the other; should this process be killed, they stop by themselves. `done`
// as they were told to; `could_not`, with the reason on standard error, when a worker can't start.
//
// The one thread that there is calls it, after `block_supervisor_signals`.
ExitCode supervise(const SupervisorOptions& options, base::UniqueFd listener, const base::Clock& clock);

// SIGTERM, SIGINT, SIGHUP and SIGCHLD, which `supervise` waits for.
void block_supervisor_signals();

}  // namespace costagent
