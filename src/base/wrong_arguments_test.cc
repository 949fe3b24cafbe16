#include "base/wrong_arguments.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <sstream>

namespace base {
namespace {

// What a program says of these arguments, which has the commands `run WHAT [--users N] [-v]` and `serve`.
std::string said_of(const std::string& arguments) {
  CLI::App app("", "lab");
  app.require_subcommand(1);
  app.failure_message(wrong_arguments);
  std::string what;
  int users = 0;
  CLI::App* run = app.add_subcommand("run");
  run->add_option("what", what)->required();
  run->add_option("-u,--users", users);
  app.add_subcommand("serve");
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    app.exit(error, out, err);
    return err.str();
  }
  return "";
}

TEST(WrongArguments, an_option_that_is_not_known_is_named_with_the_nearest) {
  EXPECT_EQ(said_of("run x --user 5"), "unknown option '--user'; did you mean '--users'? (lab run --help)\n");
  EXPECT_EQ(said_of("run --user 5 x"), "unknown option '--user'; did you mean '--users'? (lab run --help)\n");
  EXPECT_EQ(said_of("run --user"), "unknown option '--user'; did you mean '--users'? (lab run --help)\n")
      << "WHAT is missing too";
  EXPECT_EQ(said_of("run x --uzers=5"), "unknown option '--uzers'; did you mean '--users'? (lab run --help)\n");
  EXPECT_EQ(said_of("run x --colour"), "unknown option '--colour' (lab run --help)\n");
  EXPECT_EQ(said_of("run x -w"), "unknown option '-w' (lab run --help)\n");
}

TEST(WrongArguments, so_is_a_command) {
  EXPECT_EQ(said_of("rnu x"), "unknown command 'rnu'; did you mean 'run'? (lab --help)\n");
  EXPECT_EQ(said_of("deploy"), "unknown command 'deploy' (lab --help)\n");
}

TEST(WrongArguments, of_all_else_the_parser_says_what_is_wrong) {
  EXPECT_NE(said_of("run").find("what is required"), std::string::npos) << said_of("run");
  EXPECT_NE(said_of("run x --users many").find("many"), std::string::npos);
  EXPECT_NE(said_of("run x y").find("not expected: y"), std::string::npos) << said_of("run x y");
  EXPECT_NE(said_of("").find("subcommand is required"), std::string::npos) << said_of("");
  EXPECT_EQ(said_of("run x --users 5"), "");
}

}  // namespace
}  // namespace base
