// --database, as every command has it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace costagent {

// `what`: what the command does with it, "where to". Or COSTAGENT_DATABASE in the environment, which is where a URL
// with a password belongs: command lines are seen by everybody on the machine.
// `made`: whether the command makes a file that isn't there.
void add_database_option(CLI::App& command, std::string& url, const std::string& what, bool made = true);

}  // namespace costagent
