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
  // Runs it in a shell, in a process group of its own so that Ctrl-C reaches loadlab alone; what it prints goes to
  // standard error. Returns once somebody listens on `port`, or the command has had ten seconds for it; without a port,
  // at once. Fails (unavailable) when it ends before that, or can't be started.
  static base::Result<StartedCommand> start(const std::string& command, std::optional<std::uint16_t> port);

  StartedCommand(StartedCommand&& other) noexcept;
  StartedCommand& operator=(StartedCommand&&) = delete;
  // Asks its whole group to end, and ends it after five seconds.
  ~StartedCommand();

  pid_t pid() const { return pid_; }

 private:
  explicit StartedCommand(pid_t pid) : pid_(pid) {}

  // True: it has ended, and was waited for.
  bool has_ended();

  pid_t pid_;
};

}  // namespace loadlab
