// Ends what loadlab has started where loadlab itself can't any more.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace loadlab {

// A small shell beside loadlab, in a session of its own, that is told of each process group and reads from a pipe whose
// other end nobody holds but loadlab. However loadlab ends, by SIGKILL as well, that end is closed then, and the groups
// that are left get SIGKILL. This reaches what a started shell has started in turn; a parent's death signal (prctl)
// would not, and would come with the end of the thread that started it. What has left its group (setsid) stays.
// Thread-safe.
class GroupKeeper {
 public:
  // Fails (unavailable) where it can't be started.
  static base::Result<GroupKeeper> start();

  // The program's own, which the first call starts. It lasts as long as the program, and so does a failure.
  static base::Result<GroupKeeper*> of_program();

  // The arguments of a shell that tells of itself, as the leader of its group, on descriptor `kTold`, closes that, and
  // becomes a shell that runs `command`. There is no moment at which it runs and is not kept: as long as it has not
  // told, it holds the pipe itself.
  static std::vector<std::string> kept(const std::string& command);
  static constexpr int kTold = 3;

  // What is to be descriptor `kTold` of that shell.
  int fd() const { return to_.get(); }

  // The group has ended, and its number may be another's from now on.
  void forget(pid_t group) const noexcept;

 private:
  GroupKeeper(base::UniqueFd to, base::UniqueFd from) : to_(std::move(to)), from_(std::move(from)) {}

  base::UniqueFd to_;
  // Never read, but there: were the keeper itself ended by somebody, writing would end loadlab's commands (SIGPIPE).
  base::UniqueFd from_;
};

}  // namespace loadlab
