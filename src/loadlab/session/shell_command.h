// A command of a plan that runs to its end, within its time.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/plan/surroundings.h"
#include "loadlab/session/started_command.h"

namespace loadlab {

// What became of a command.
struct CommandOutcome {
  std::optional<int> exit_code;  // none: it did not end by itself
  std::string ending;            // "exited with 3", "was still running after 60 s", "was interrupted"
  std::string last_lines;        // of what it printed, at most some; may be empty
  double seconds = 0;            // how long it ran

  bool ended_well() const { return exit_code == 0; }
  std::string last_line() const;
  // `before: ./prepare exited with 3: no such file`: the sentence of a failure.
  std::string sentence(const std::string& what, const std::string& shown) const;
};

// The last lines of a file, up to some kilobytes, without the line break at its end; empty where there is none.
std::string last_lines_of(const std::string& path);

// Not thread-safe; one thread at a time may use it.
class ShellCommand {
 public:
  // Starts it; `place.log` is to be a file of its own. Fails (unavailable) where that can't be done.
  static base::Result<ShellCommand> start(const Command& command, const CommandPlace& place);

  // What became of it, once it has ended, or has had its time, or `stop` is set: then it is ended first. Nothing while
  // it runs.
  std::optional<CommandOutcome> poll(const std::atomic<bool>& stop);

  // Its group: after its end, what it left running in the background. Ends with this object.
  StartedCommand& processes() { return processes_; }

 private:
  ShellCommand(const Command& command, std::string log, StartedCommand processes);

  base::Nanoseconds within_;
  std::string log_;
  base::Nanoseconds begun_;
  StartedCommand processes_;
};

// Runs it and waits for its end. What it leaves in the background goes on, and is put into `left`.
CommandOutcome run_to_end(const Command& command, const CommandPlace& place, const std::atomic<bool>& stop,
                          std::vector<StartedCommand>& left);

}  // namespace loadlab
