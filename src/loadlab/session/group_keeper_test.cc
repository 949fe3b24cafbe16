#include "loadlab/session/group_keeper.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace loadlab {
namespace {

// A process in a group of its own that would never end. Started before the keeper, as it would hold the pipe otherwise.
pid_t start_group() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (;;) ::pause();
  }
  ::setpgid(pid, pid);
  return pid;
}

TEST(GroupKeeper, ends_the_groups_that_are_left_when_nobody_holds_the_pipe) {
  const pid_t forgotten = start_group();
  const pid_t left = start_group();
  {
    const auto keeper = GroupKeeper::start();
    ASSERT_TRUE(keeper) << keeper.error().message;
    ASSERT_GT(::dprintf(keeper->fd(), "+%d\n+%d\n", forgotten, left), 0);
    keeper->forget(forgotten);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(left, &status, 0), left);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  EXPECT_EQ(::waitpid(forgotten, &status, WNOHANG), 0) << "its number may be another's by now";
  ::kill(forgotten, SIGKILL);
  ::waitpid(forgotten, &status, 0);
}

}  // namespace
}  // namespace loadlab
