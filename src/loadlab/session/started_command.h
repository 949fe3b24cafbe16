// A command that loadlab starts: usually the target itself, for the length of a test.
//
// However loadlab ends, what is left of its process group is ended with it (group_keeper.h).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace loadlab {

// Where a command runs, and what it is told.
struct CommandPlace {
  std::string folder;                    // empty: loadlab's own
  std::vector<std::string> environment;  // NAME=VALUE each, beside loadlab's own and before it
  std::string log;                       // the file that what it prints is appended to; empty: standard error
};

class StartedCommand {
 public:
  // Runs it in a process group of its own, so that Ctrl-C reaches loadlab alone; what it prints goes to standard error.
  // A line that needs no shell takes the shell's place. Returns once somebody listens on `port`, or the command has had
  // ten seconds for it; without a port, at once. Fails (unavailable) when it ends before that, or can't be started;
  // then nothing of it is left.
  static base::Result<StartedCommand> start(const std::string& command, std::optional<std::uint16_t> port);

  // The same without waiting, in a place of its own.
  static base::Result<StartedCommand> start(const std::string& command, const CommandPlace& place);

  StartedCommand(StartedCommand&& other) noexcept;
  StartedCommand& operator=(StartedCommand&&) = delete;
  // As `stop`.
  ~StartedCommand();

  // Of its first process, and the number of its group.
  pid_t pid() const { return pid_; }

  // True: its first process has ended.
  bool has_ended();
  // Then, how: "exited with 3", "was ended by signal 9 (Killed)".
  std::string ending() const;
  // Its exit code; none while it runs, and of one that a signal ended.
  std::optional<int> exit_code() const;

  // False: no process of its group is left, so that there is nothing to stop.
  bool is_group_left();

  // Asks its whole group to end, and ends what is left of it after five seconds. What has left the group (setsid)
  // stays.
  void stop();

  // Ends all groups at once, for a program that is about to be ended itself. Safe within a signal handler.
  static void kill_all() noexcept;

 private:
  explicit StartedCommand(pid_t pid);

  pid_t pid_;  // 0: moved away, or stopped
  bool ended_ = false;
  int status_ = 0;  // as waitpid has it, once it has ended
};

}  // namespace loadlab
