// A command that loadlab starts for the length of a test: usually the target itself.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace loadlab {

class StartedCommand {
 public:
  // Runs it in a process group of its own, so that Ctrl-C reaches loadlab alone; what it prints goes to standard error.
  // A line that needs no shell takes the shell's place. Returns once somebody listens on `port`, or the command has had
  // ten seconds for it; without a port, at once. Fails (unavailable) when it ends before that, or can't be started;
  // then nothing of it is left.
  static base::Result<StartedCommand> start(const std::string& command, std::optional<std::uint16_t> port);

  StartedCommand(StartedCommand&& other) noexcept;
  StartedCommand& operator=(StartedCommand&&) = delete;
  // Asks its whole group to end, and ends what is left of it after five seconds. What has left the group (setsid)
  // stays.
  ~StartedCommand();

  pid_t pid() const { return group_; }

  // Ends all groups at once, for a program that is about to be ended itself. Safe within a signal handler.
  static void kill_all() noexcept;

 private:
  explicit StartedCommand(pid_t group);

  // True: its first process has ended, and was waited for.
  bool has_ended();
  bool is_group_left();

  pid_t group_;
  bool ended_ = false;
};

}  // namespace loadlab
