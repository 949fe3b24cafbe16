#include "loadlab/session/group_keeper.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace loadlab {
namespace {

using base::ErrorKind;

// A line each: `+GROUP` is to be kept, `-GROUP` is not any more.
constexpr const char* kScript = R"(trap '' HUP INT TERM
kept=
while read -r line; do
  group=${line#?}
  case $line in
    +*) kept="$kept $group" ;;
    *)
      rest=
      for one in $kept; do [ "$one" = "$group" ] || rest="$rest $one"; done
      kept=$rest
      ;;
  esac
done
for one in $kept; do kill -s KILL -- "-$one"; done
)";

// The second shell is told its name, which it says in front of its complaints.
constexpr const char* kTellAndRun = R"(echo "+$$" >&3; exec 3>&-; exec /bin/sh -c "$1" sh)";
static_assert(GroupKeeper::kTold == 3, "the text names it");

// Reads from the descriptor; an errno.
int spawn_keeper(int from) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, from, STDIN_FILENO);
  // It would hold open what loadlab's reader waits for the end of.
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addchdir_np(&files, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = kScript;
  char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

base::Result<GroupKeeper> GroupKeeper::start() {
  int ends[2] = {-1, -1};
  int error = ::pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
  base::UniqueFd from(ends[0]);
  base::UniqueFd to(ends[1]);
  if (error == 0) error = spawn_keeper(from.get());
  if (error != 0)
    return base::fail(ErrorKind::unavailable, "what would end the commands with loadlab can't be started: {}",
                      std::strerror(error));
  return GroupKeeper(std::move(to), std::move(from));
}

base::Result<GroupKeeper*> GroupKeeper::of_program() {
  static auto keeper = start();
  if (!keeper) return base::pass_on(keeper);
  return &*keeper;
}

std::vector<std::string> GroupKeeper::kept(const std::string& command) {
  return {"sh", "-c", kTellAndRun, "sh", command};
}

void GroupKeeper::forget(pid_t group) const noexcept {
  char line[32] = "";
  const int length = std::snprintf(line, sizeof line, "-%d\n", static_cast<int>(group));
  // Of less than a page, so at once or not at all; what can't be told is a number that stays with the keeper.
  static_cast<void>(::write(to_.get(), line, static_cast<std::size_t>(length)));
}

}  // namespace loadlab
