// What is done around a load: commands before and after it, processes that live as long as it does, commands within it
// and checks behind it.
//
// Plain values. Every command is run by /bin/sh in the folder of the plan's file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/threshold.h"

namespace loadlab {

struct Command {
  std::string text;                                    // for the shell, with the plan's variables put in
  std::string shown;                                   // as the plan writes it: a variable may be a secret
  base::Nanoseconds within{std::chrono::seconds(60)};  // it is ended when it takes longer
};

// How it is known that a started process can be loaded.
struct Readiness {
  std::string method;  // of a request, which must be answered by a status below 400 …
  std::string path;    // … on the target, or on `base`
  std::string base;    // a URL without a path; empty: the target
  Command command;     // or a command that must end well; of the two, the one that isn't empty
  base::Nanoseconds within{std::chrono::seconds(30)};

  bool is_command() const { return !command.text.empty(); }
};

struct StartedProcess {
  std::string name;
  Command command;
  std::optional<Readiness> ready;  // none: it is not waited for
  bool watch = true;               // the target's resources are read of it
  bool may_die = false;            // that it ends by itself is no error
};

// A command in mid-load.
struct TimedCommand {
  std::string name;
  base::Nanoseconds time{0};  // since the load's begin
  Command command;
};

// A command behind the load whose exit code says whether something held: 0 it did, 1 it did not, else nobody knows.
struct Verification {
  std::string name;
  Command command;
  Severity severity = Severity::fail;
  std::string reason;  // of a warning: why the bar is missed; may be empty
};

struct Surroundings {
  std::vector<std::pair<std::string, std::uint16_t>> ports;  // free ones, by name
  std::vector<Command> before;
  std::vector<StartedProcess> start;
  std::vector<TimedCommand> at;
  std::vector<Verification> verify;
  std::vector<Command> after;

  bool empty() const { return before.empty() && start.empty() && at.empty() && verify.empty() && after.empty(); }
};

}  // namespace loadlab
