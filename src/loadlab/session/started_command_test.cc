#include "loadlab/session/started_command.h"

#include <gtest/gtest.h>

#include "loadlab/session/shell_command.h"

namespace loadlab {
namespace {

CommandOutcome outcome_of(const std::string& command) {
  Command one;
  one.text = command;
  one.shown = command;
  const std::atomic<bool> never = false;
  std::vector<StartedCommand> left;
  return run_to_end(one, {"", {}, ::testing::TempDir() + "/started_command.log"}, never, left);
}

TEST(StartedCommand, what_only_a_shell_does_is_left_to_it) {
  for (const char* command : {":", ": ", " : why", "\t:\tnot", "readonly here", "type sh", "hash", "umask 077", "times",
                              "kill -0 $$", "  cd /", "return 0", "alias"}) {
    const CommandOutcome outcome = outcome_of(command);
    EXPECT_EQ(outcome.exit_code, 0) << "'" << command << "' " << outcome.ending << ": " << outcome.last_lines;
  }
}

TEST(StartedCommand, a_program_takes_the_shells_place) {
  EXPECT_EQ(outcome_of("  true").exit_code, 0);
  EXPECT_EQ(outcome_of("sh -c 'exit 7'").exit_code, 7);
  const CommandOutcome unknown = outcome_of("no-such-program here");
  EXPECT_EQ(unknown.exit_code, 127);
  EXPECT_EQ(unknown.last_line(), "sh: 1: exec: no-such-program: not found");
}

}  // namespace
}  // namespace loadlab
