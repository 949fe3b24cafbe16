// Sets up what a plan wants around a load, and takes it down again.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"
#include "loadlab/session/earlier_listeners.h"
#include "loadlab/session/shell_command.h"
#include "loadlab/session/started_command.h"

namespace loadlab {

class TimedCommands;

// Of one test, or of a suite. In this order: a private folder, the commands before, the started processes, each ready;
// then, for a test, its load, with commands in it, and verifications; at last the processes are ended, the last one
// first, the commands after are run, whatever happened and also after an interrupt, and the folder is removed. What
// commands leave running in their own process groups is ended with the rest. Not thread-safe.
class Staging {
 public:
  // `test` says where commands run and what is loaded; `outer` is the suite's, whose ports and processes a test's
  // commands are told of, and null for the suite itself. All must outlive it.
  Staging(const Surroundings& around, const Test& test, const Staging* outer, const std::atomic<bool>& stop);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  // As `take_down`, whose notes are lost then.
  ~Staging();

  // Fails with the command at fault, its end and the last that it printed; also where somebody who was there before
  // anything of the test, or of the suite around it, listens where a process is to be asked whether it is ready: what
  // was started would not be what is loaded. `take_down` is due all the same.
  base::Result<> set_up();

  // Of the processes that the target's resources are read of, the suite's too.
  std::vector<pid_t> watched() const;

  // Says that one of its started processes has ended although it may not; empty while all is well.
  std::string death();

  // The moment from which commands in mid-load are timed. They run on a thread of their own.
  void load_begins();
  // Awaits those that run, and leaves out the others. Tells what was run, and the first failure: empty if none.
  std::string load_ended(TestResult& result);

  // Runs one more command to its end, where the others run.
  CommandOutcome run(const Command& command);

  // The private folder, with a slash at its end; empty where none was wanted.
  const std::string& folder() const { return folder_; }

  // Runs all verifications. Fails where one could not tell.
  base::Result<std::vector<VerificationOutcome>> verify();

  // Sentences on what went wrong with it.
  std::vector<std::string> take_down();

 private:
  struct Running {
    const StartedProcess* plan;
    StartedCommand command;
    std::string log;
  };

  base::Result<> make_folder();
  void inherit(const std::vector<std::string>& outer);
  base::Result<> start(const StartedProcess& process);
  base::Result<> await_ready(const StartedProcess& process);
  bool is_ready(const Readiness& ready);
  // The target, or what the plan names instead.
  Url asked_of(const Readiness& ready) const;
  // A place of its own for what the next command prints.
  CommandPlace place(const std::string& log_name);
  std::string next_log();

  const Surroundings& around_;
  const Test& test_;
  const Staging* outer_;
  const std::atomic<bool>& stop_;
  std::string folder_;                       // with a slash at its end; empty: not there
  std::optional<EarlierListeners> earlier_;  // of the suite, if there is anything around that
  std::vector<std::string> environment_;
  std::vector<Running> running_;
  std::vector<StartedCommand> left_;
  std::unique_ptr<TimedCommands> timed_;
  int logs_ = 0;
  bool taken_down_ = false;
};

}  // namespace loadlab
